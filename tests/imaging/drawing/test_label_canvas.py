"""The panel of classes: inside the image, of any size, the rest untouched."""

import numpy as np
import pytest

from dlcli.imaging.drawing.label_canvas import draw_labels
from dlcli.imaging.drawing.palette import label_color
from dlcli.imaging.drawing.pen import Pen

FOUND = [("tiger cat", 0.6), ("a very long name of a class that nobody wants to read", 0.3), ("dog", 0.004)]


@pytest.mark.parametrize("size", [(1, 1), (20, 3), (3, 20), (90, 60), (640, 480), (2000, 300)])
def test_any_size(size):
    pixels = np.full((size[1], size[0], 3), 200, np.uint8)
    drawn = draw_labels(pixels, FOUND)
    assert (drawn.shape, drawn.dtype) == (pixels.shape, np.uint8)
    assert (pixels == 200).all()
    assert np.array_equal(drawn, pixels) == (min(size) < 60)  # too small for a label that can be read
    assert not np.array_equal(draw_labels(pixels, FOUND, Pen(font_size=10)), pixels)


def test_the_panel_is_in_the_lower_left_and_no_larger_than_it_need_be():
    pixels = np.full((480, 640, 3), 200, np.uint8)
    changed = (draw_labels(pixels, [("cat", 0.5), ("dog", 0.2)]) != pixels).any(2)
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    assert (rows[-1], columns[0]) == (479, 0)
    assert rows[0] > 240
    assert columns[-1] < 320


def test_bars_are_as_long_as_scores():
    pixels = np.full((480, 640, 3), 200, np.uint8)
    lengths = []
    for score in (0.25, 0.5, 0.75):
        bar = (draw_labels(pixels, [("cat", score)]) == label_color("cat")).all(2).sum(1)
        lengths.append(bar.max())
    assert lengths[0] > 10
    assert lengths[1] == pytest.approx(2 * lengths[0], abs=2)
    assert lengths[2] == pytest.approx(3 * lengths[0], abs=3)


def test_nothing_found_draws_nothing():
    pixels = np.full((48, 64, 3), 200, np.uint8)
    assert np.array_equal(draw_labels(pixels, []), pixels)


def test_a_row_of_nothing_is_left_out():
    pixels = np.full((480, 640, 3), 200, np.uint8)
    rows = [("steam locomotive", 0.95), ("freight car", 0.004), ("passenger car", 0.0)]
    np.testing.assert_array_equal(draw_labels(pixels, rows), draw_labels(pixels, rows[:1]))
    assert not np.array_equal(draw_labels(pixels, rows[2:]), pixels)  # the best one is shown all the same


def test_letters_shrink_before_a_label_is_cut():
    pixels = np.full((120, 120, 3), 200, np.uint8)
    rows = [(draw_labels(pixels, [(name, 0.5)]) != pixels).any((1, 2)).sum() for name in ("cat", "a rather long label")]
    assert rows[1] < rows[0]
