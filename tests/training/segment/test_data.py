"""Class pixels of a set, and classes that no mask has."""

import numpy as np
from rich.console import Console

from dlcli.data.kinds import MASKS
from dlcli.training.data import read_checked
from dlcli.training.log import TrainingReport
from dlcli.training.segment.data import class_pixels, joined
from tests.training.mask_sets import square_mask, write_mask_squares


def test_pixels_are_counted_and_absent_classes_named(tmp_path):
    data = write_mask_squares(tmp_path / "set", train=3)
    (data / "classes.txt").write_text("background\nsquare\nstar\nmoon\n")
    console = Console(record=True, width=200, quiet=False, file=(tmp_path / "out.txt").open("w"))
    report = TrainingReport(console, quiet=False)
    found = read_checked(MASKS, data, "train", None, False, report)
    pixels = class_pixels(found, report)
    masks = [square_mask(number) for number in range(3)]
    assert np.array_equal(pixels, [[(mask == c).sum() for c in range(4)] for mask in masks])
    assert "no mask to learn from holds a pixel of: star, moon" in console.export_text()


def test_joined_sets_keep_the_first_ones_labels(tmp_path):
    data = write_mask_squares(tmp_path / "set")
    report = TrainingReport(Console(quiet=True), quiet=True)
    learn, more = (read_checked(MASKS, data, split, None, False, report) for split in ("train", "val"))
    both = joined(learn, more)
    assert [p.image_id for p in both.items] == ["000", "001", "002", "003", "004", "100", "101"]
    assert both.labels == learn.labels
