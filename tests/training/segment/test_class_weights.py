"""How much there is of each class, and what classes weigh."""

import numpy as np
import pytest
from rich.console import Console

from dlcli.data.kinds import MASKS
from dlcli.errors import UsageError
from dlcli.training.data import read_checked
from dlcli.training.log import TrainLog
from dlcli.training.segment.class_weights import class_pixels, class_weights, listed_weights
from tests.training.mask_sets import square_mask, write_mask_squares

LABELS = ("background", "cat", "dog")


def test_pixels_are_counted_and_absent_classes_named(tmp_path):
    data = write_mask_squares(tmp_path / "set", train=3)
    (data / "classes.txt").write_text("background\nsquare\nstar\nmoon\n")
    console = Console(record=True, width=200, quiet=False, file=(tmp_path / "out.txt").open("w"))
    log = TrainLog(console, quiet=False)
    found = read_checked(MASKS, data, "train", None, False, log)
    pixels = class_pixels(found, log)
    masks = [square_mask(number) for number in range(3)]
    assert np.array_equal(pixels, [[(mask == c).sum() for c in range(4)] for mask in masks])
    assert "no mask to learn from holds a pixel of: star, moon" in console.export_text()


def test_weights_as_listed():
    assert listed_weights("1, 2,0.5") == [1, 2, 0.5]
    assert class_weights("1,2,0.5", np.zeros((1, 3), int), LABELS).tolist() == [1, 2, 0.5]
    assert class_weights("none", np.zeros((1, 3), int), LABELS) is None
    with pytest.raises(UsageError, match="expected 3 numbers, for background, cat, dog; got 2"):
        class_weights("1,2", np.zeros((1, 3), int), LABELS)


def test_auto_is_median_frequency():
    """Two images of 100 pixels: the background has 150 of 200, cat 40 of the 100 in its image, dog 10 of 100."""
    pixels = np.array([[60, 40, 0], [90, 0, 10]])
    frequency = np.array([150 / 200, 40 / 100, 10 / 100])
    assert class_weights("auto", pixels, LABELS).numpy() == pytest.approx(np.median(frequency) / frequency)
    rare = class_weights("auto", np.array([[10**6, 10**5, 1], [10, 0, 0]]), (*LABELS,))
    assert rare[2] == 10  # at most
    assert class_weights("auto", np.array([[50, 50, 0]]), LABELS).tolist() == [1, 1, 1]  # no dog anywhere
