"""`dlcli eval segment` as a program."""

import json

import pytest

from tests.evaluation.test_masks import write_set
from tests.program import dlcli
from tests.tasks.segment.colors import LABELS, write_color_model


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return write_color_model(tmp_path_factory.mktemp("model") / "colors.onnx")


def test_json(model, tmp_path):
    place = write_set(tmp_path / "set")
    ran = dlcli("eval", "segment", place, "--model", model, "--split", "all", "--json")
    assert (ran.code, ran.err) == (0, f"{place}: 255, in 3 of 3 masks, marks pixels that do not count\n")
    found = json.loads(ran.out)
    assert found["schema"] == "dlcli.eval.segment/1"
    assert found["images"] == 3
    assert found["miou"] == pytest.approx(sum(c["iou"] for c in found["classes"]) / 4, abs=1e-5)
    assert [c["label"] for c in found["classes"]] == list(LABELS)
    assert sum(c["truth_pixels"] for c in found["classes"]) == 93 * 128 + 67 * 50 + 125 * 128
    tiled = json.loads(
        dlcli("eval", "segment", place, "--model", model, "--split", "all", "--json", "--tile", "--tile-size", 64).out
    )
    assert tiled["tile_size"] == 64
    assert tiled["miou"] > 0.9


def test_people_get_a_table_and_plots(model, tmp_path):
    place = write_set(tmp_path / "set")
    ran = dlcli("eval", "segment", place, "--model", model, "--split", "all", "--plots", tmp_path / "plots")
    assert ran.code == 0
    assert [line.split()[0] for line in ran.lines[:5]] == ["class", *LABELS]
    assert "mIoU: 0.9" in ran.out
    assert sorted(path.name for path in (tmp_path / "plots").iterdir()) == ["confusion.png", "worst.png"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--split", "val"], 2, "no split 'val'"),
        (["--split", "all", "--model", "coco"], 2, "expected a model for segment"),
        (["--split", "all", "--model", "gone.onnx"], 4, "where there is none"),
    ],
)
def test_what_is_refused(model, tmp_path, arguments, code, words):
    ran = dlcli("eval", "segment", write_set(tmp_path / "set"), "--model", model, *arguments)
    assert ran.code == code
    assert words in ran.err


def test_masks_of_other_classes(model, tmp_path):
    place = write_set(tmp_path / "set")
    (place / "classes.txt").write_text("background\nred\ngreen\nviolet\n")
    ran = dlcli("eval", "segment", place, "--model", model, "--split", "all")
    assert ran.code == 5
    assert "1 of its 3 classes are none of the model's: violet; the model knows background, red, green" in ran.err


def test_a_set_of_other_classes_is_refused_in_one_sentence():
    ran = dlcli("eval", "segment", "sample_data/shapes")
    assert ran.code == 5
    assert "its classes are none of the model's: circle, square, triangle;" in ran.err
    assert len(ran.err.splitlines()) == 1
