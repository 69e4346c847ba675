"""What the options of drawings do to what a run writes."""

import json

import numpy as np
import pytest
from PIL import Image

from dlcli.imaging.drawing.fonts import letters
from dlcli.imaging.drawing.palette import label_color
from dlcli.tasks.classify.options import ClassifyOptions
from dlcli.tasks.detect.options import DetectOptions
from dlcli.tasks.drawing import pen_of
from tests.program import CAT, dlcli


def drawn(folder, task, *options):
    save = () if task != "segment" else ("--save", "overlay")
    ran = dlcli(task, CAT, "--out", folder, *save, "--json", *options)
    assert ran.code == 0, ran.err
    name = f"overlay/{CAT.name}" if task == "segment" else CAT.name
    return np.asarray(Image.open(folder / name), int), ran


@pytest.mark.parametrize(
    ("task", "options"),
    [
        ("detect", ("--hide-labels", "--hide-scores")),
        ("detect", ("--font-size", "40")),
        ("detect", ("--line-width", "20")),
        ("segment", ("--hide-labels",)),
        ("classify", ("--font-size", "30")),
        ("classify", ("--hide-scores",)),
    ],
)
def test_drawings_change_and_records_do_not(tmp_path, task, options):
    plain, other = drawn(tmp_path / "a", task), drawn(tmp_path / "b", task, *options)
    assert (np.abs(plain[0] - other[0]).max(2) > 60).sum() > 100
    assert plain[1].out == other[1].out


def test_one_color_a_label_in_boxes_and_masks(tmp_path):
    boxes, _ = drawn(tmp_path / "a", "detect", "--line-width", "9")
    masks, _ = drawn(tmp_path / "b", "segment")
    for image in (boxes, masks):
        assert (np.abs(image - label_color("cat")).max(2) < 25).sum() > 500


def test_a_label_that_cannot_be_drawn_is_said_once(tmp_path, monkeypatch):
    monkeypatch.setattr(letters, "undrawable", lambda text: {"c"} & set(text[:1]))
    _, ran = drawn(tmp_path / "a", "detect")
    assert ran.err.count("drawn with class numbers: cat (class 15): no font on this machine") == 1
    assert json.loads(ran.out)["detections"][0]["label"] == "cat"
    quiet = dlcli("detect", CAT, "--json")  # nothing is drawn
    assert "drawn with" not in quiet.err


def test_what_a_task_has_no_option_for_is_as_usual():
    assert pen_of(ClassifyOptions(hide_scores=True)).line_width is None
    pen = pen_of(DetectOptions(line_width=3, hide_labels=True))
    assert (pen.line_width, pen.font_size, pen.labels, pen.scores) == (3, None, False, True)
