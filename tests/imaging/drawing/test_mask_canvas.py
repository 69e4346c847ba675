"""What is drawn of masks, and what stays as it was."""

import numpy as np
import pytest

from dlcli.imaging.drawing import mask_canvas
from dlcli.imaging.drawing.mask_canvas import draw_mask
from dlcli.imaging.drawing.palette import label_color
from dlcli.imaging.drawing.pen import Pen

BARE = Pen(labels=False)
PIXELS = np.full((200, 300, 3), 100, np.uint8)
MASK = np.zeros((200, 300), np.uint8)
MASK[50:150, 60:200] = 7


def test_a_class_is_tinted_outlined_and_the_rest_left_alone():
    drawn = draw_mask(PIXELS, MASK, {7: "dog"}, BARE)
    tinted = (np.array(label_color("dog")) + 100) / 2
    assert np.abs(drawn[100, 130] - tinted).max() <= 1
    assert drawn[100, 60].tolist() == list(label_color("dog"))
    assert (drawn[100, 59] < 100).all()
    assert (drawn[:45] == 100).all()
    assert (drawn[:, 210:] == 100).all()
    assert (PIXELS == 100).all()


def test_the_name_stands_inside_the_class():
    plain, named = draw_mask(PIXELS, MASK, {7: "dog"}, BARE), draw_mask(PIXELS, MASK, {7: "dog"})
    rows, columns = np.nonzero((plain != named).any(-1))
    assert 50 <= rows.min() <= rows.max() < 150
    assert 60 <= columns.min() <= columns.max() < 200
    assert abs(rows.mean() - 100) < 5
    assert named[rows.min() + 4, (columns.min() + columns.max()) // 2].tolist() == list(label_color("dog"))


def test_classes_without_a_name_in_the_list_are_not_drawn():
    np.testing.assert_array_equal(draw_mask(PIXELS, MASK, {}), PIXELS)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (700, 30)])
def test_any_size(size):
    mask = np.ones(size, np.uint8)
    assert draw_mask(np.zeros((*size, 3), np.uint8), mask, {1: "a long name"}).shape == (*size, 3)
    mask[0, 0] = 2
    assert draw_mask(np.zeros((*size, 3), np.uint8), mask, {2: "x", 1: "y"}).shape == (*size, 3)


def test_strips_leave_no_trace(monkeypatch):
    rng = np.random.default_rng(0)
    mask = np.kron(rng.integers(0, 3, (8, 10)), np.ones((30, 30), int)).astype(np.uint8)
    pixels = rng.integers(0, 256, (240, 300, 3), np.uint8)
    whole = draw_mask(pixels, mask, {1: "a", 2: "b"})
    monkeypatch.setattr(mask_canvas, "STRIP", 300 * 7)
    np.testing.assert_array_equal(draw_mask(pixels, mask, {1: "a", 2: "b"}), whole)


def test_a_name_that_would_hide_its_class_shrinks_and_then_goes():
    def changed(side: int, pen: Pen) -> int:
        mask = np.zeros((400, 400), np.uint8)
        mask[100 : 100 + side, 100 : 100 + side] = 1
        pixels = np.full((400, 400, 3), 90, np.uint8)
        bare = draw_mask(pixels, mask, {1: "motorbike"}, BARE)
        return int((draw_mask(pixels, mask, {1: "motorbike"}, pen) != bare).any(2).sum())

    assert changed(300, Pen()) > changed(60, Pen()) > 0
    assert changed(25, Pen()) == 0
    assert changed(25, Pen(font_size=12)) > 0
