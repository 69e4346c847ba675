"""`dlcli eval classify` with the bundled model on a few real images."""

import json
import shutil

import pytest
from PIL import Image

from tests.program import CAT, SAMPLES, dlcli

WNIDS = {"espresso": "n07920052", "missile": "n03773504", "Egyptian cat": "n02124075"}


@pytest.fixture
def folder(tmp_path):
    """Like ImageNet's own: folders by WordNet id; an astronaut among the espressos."""
    for label, name in (("espresso", "coffee"), ("missile", "rocket"), ("espresso", "astronaut")):
        place = tmp_path / "set" / "val" / WNIDS[label]
        place.mkdir(parents=True, exist_ok=True)
        shutil.copy(SAMPLES / f"{name}.jpg", place)
    return tmp_path / "set"


def test_json(folder):
    ran = dlcli("eval", "classify", folder, "--json")
    assert (ran.code, ran.err) == (0, "")
    got = json.loads(ran.out)
    assert got["schema"] == "dlcli.eval.classify/1"
    assert got["model"].startswith("imagenet@sha256:")
    assert (got["images"], got["top1"], got["split"]) == (3, round(2 / 3, 6), "val")
    assert [(item["label"], item["class_id"], item["truths"]) for item in got["classes"]] == [
        ("missile", 657, 1),
        ("espresso", 967, 2),
    ]
    assert 0 <= got["map"] <= 1
    (worst,) = got["worst"]
    assert worst["image"].endswith("astronaut.jpg")
    assert worst["labels"] == ["espresso"]


def test_table_map_and_plots(folder, tmp_path):
    for wnid in WNIDS.values():
        if (folder / "val" / wnid).exists():
            (folder / "val" / wnid).rename(folder / "val" / f"my {wnid}")
    (tmp_path / "map.csv").write_text("".join(f"my {wnid},{label}\n" for label, wnid in WNIDS.items()))
    refused = dlcli("eval", "classify", folder)
    assert refused.code == 5
    assert "--map FILE" in refused.err
    ran = dlcli("eval", "classify", folder, "--map", tmp_path / "map.csv", "--plots", tmp_path / "plots")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0].split() == ["class", "images", "accuracy", "among", "AP"]
    assert "top-1: 0.6667" in lines
    assert any(line.startswith("top-1 among the set's classes: ") for line in lines)
    assert lines[-1].endswith("on 3 images, 2 of the model's 1000 classes")
    for name in ("confusion", "curves", "worst"):
        assert Image.open(tmp_path / "plots" / f"{name}.png").size[0] > 200


def test_csv_and_bad_files(tmp_path):
    shutil.copy(CAT, tmp_path)
    (tmp_path / "text.jpg").write_text("no image")
    (tmp_path / "set.csv").write_text("filename,label\ncat.jpg,Egyptian_cat\ntext.jpg,tabby\n")
    ran = dlcli("eval", "classify", tmp_path / "set.csv", "--split", "all", "--json")
    assert ran.code == 5
    assert "text.jpg" in ran.err
    ran = dlcli("eval", "classify", tmp_path / "set.csv", "--split", "all", "--json", "--skip-bad")
    assert (ran.code, json.loads(ran.out)["images"]) == (0, 1)
    assert ran.err.startswith("left out: ")


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["gone"], 2, "no such file or folder"),
        (["sample_data/shapes", "--split", "dusk"], 5, "its folders are no classes"),
        (["sample_data", "--map", "gone.csv"], 2, "--map gone.csv: no such file"),
        (["sample_data", "--model", "coco"], 2, "bundled for classify: imagenet"),
    ],
)
def test_refused(words, code, told):
    ran = dlcli("eval", "classify", *words)
    assert (ran.code, ran.out) == (code, "")
    assert told in ran.err
