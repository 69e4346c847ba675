"""What is drawn, where, and in which color."""

from itertools import pairwise

import numpy as np
import pytest

from dlcli.imaging.drawing.canvas import _place, _shortened, draw_boxes, load_font
from dlcli.imaging.drawing.palette import class_color, readable_on
from dlcli.records import Boxes


def boxes(*rows: tuple[float, float, float, float], scores=None, ids=None) -> Boxes:
    count = len(rows)
    return Boxes(
        np.array(rows, np.float32).reshape(-1, 4),
        np.array(scores or [0.9] * count, np.float32),
        np.array(ids or [0] * count, np.int64),
    )


NAMES = [f"class {i}" for i in range(90)]


def test_no_boxes_give_an_equal_copy():
    pixels = np.full((20, 30, 3), 9, np.uint8)
    out = draw_boxes(pixels, boxes(), NAMES)
    np.testing.assert_array_equal(out, pixels)
    assert not np.shares_memory(out, pixels)


def test_the_frame_has_the_class_color_and_lies_inside_the_box():
    pixels = np.zeros((400, 400, 3), np.uint8)
    out = draw_boxes(pixels, boxes((100, 100, 300, 300), ids=[5]), NAMES)
    assert out[200, 100].tolist() == list(class_color(5))
    assert out[299, 200].tolist() == list(class_color(5))
    assert out[200, 200].tolist() == [0, 0, 0]
    assert out[200, 305].tolist() == [0, 0, 0]
    assert not pixels.any()


@pytest.mark.parametrize("size", [(1, 1), (8, 5), (64, 48), (3000, 40)])
def test_any_size_and_boxes_at_the_very_edge(size):
    width, height = size
    pixels = np.zeros((height, width, 3), np.uint8)
    out = draw_boxes(pixels, boxes((0, 0, width, height), (0, 0, 0, 0), (-9, -9, 9e4, 9e4)), NAMES)
    assert out.shape == pixels.shape


def test_tags_stay_inside_and_off_each_other():
    size, tag = (200, 100), (60, 20)
    taken = []
    for box in [(0, 0, 50, 50), (180, 10, 200, 90), (0, 0, 50, 50), (0, 0, 50, 50)]:
        area = _place(box, tag, size, taken)
        assert 0 <= area[0] < area[2] <= 200
        assert 0 <= area[1] < area[3] <= 100
        taken.append(area)
    assert len(set(taken[:3])) == 3


def test_a_long_name_loses_its_end_but_not_its_score():
    font = load_font(12)
    short = _shortened("a very long class name indeed 93%", font, 100)
    assert short.endswith("… 93%")
    assert font.getlength(short) <= 100


def test_colors_are_distinct_stable_and_readable():
    colors = [class_color(i) for i in range(80)]
    assert len(set(colors)) == 80
    for a, b in pairwise(colors):
        assert sum(abs(x - y) for x, y in zip(a, b, strict=True)) > 80, (a, b)
    assert class_color(0) == class_color(0) == colors[0]
    assert all(contrast(color, readable_on(color)) >= 4.5 for color in colors)


def contrast(a, b) -> float:
    """WCAG 2 contrast ratio, written out from its definition."""

    def luminance(color):
        parts = [v / 255 for v in color]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)
