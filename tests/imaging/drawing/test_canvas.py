"""What is drawn, where, and in which color."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from dlcli.imaging.drawing.canvas import draw_boxes
from dlcli.imaging.drawing.palette import label_color, readable_on, spread_color
from dlcli.imaging.drawing.pen import PLAIN, Pen
from dlcli.models.store import open_model
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
    assert out[200, 100].tolist() == list(label_color("class 5"))
    assert out[299, 200].tolist() == list(label_color("class 5"))
    assert out[200, 200].tolist() == [0, 0, 0]
    assert out[200, 305].tolist() == [0, 0, 0]
    assert not pixels.any()


@pytest.mark.parametrize("size", [(1, 1), (8, 5), (64, 48), (3000, 40)])
def test_any_size_and_boxes_at_the_very_edge(size):
    width, height = size
    pixels = np.zeros((height, width, 3), np.uint8)
    out = draw_boxes(pixels, boxes((0, 0, width, height), (0, 0, 0, 0), (-9, -9, 9e4, 9e4)), NAMES)
    assert out.shape == pixels.shape


def test_a_small_box_has_a_thinner_line():
    def line(side: int, pen: Pen = PLAIN) -> int:
        pixels = np.zeros((1000, 1000, 3), np.uint8)
        drawn = draw_boxes(
            pixels, boxes((100, 100, 100 + side, 100 + side)), NAMES, replace(pen, labels=False, scores=False)
        )
        return int((drawn[100 + side // 2, 100 : 100 + side // 2] == label_color("class 0")).all(1).sum())

    assert line(600) > line(30) > 0
    assert line(30, Pen(line_width=7)) == 7


def test_nothing_is_written_without_labels_and_scores():
    pixels = np.zeros((400, 400, 3), np.uint8)
    whole = draw_boxes(pixels, boxes((100, 100, 300, 300)), NAMES)
    bare = draw_boxes(pixels, boxes((100, 100, 300, 300)), NAMES, Pen(labels=False, scores=False))
    assert whole[:90].any()
    assert not bare[:90].any()


def test_colors_are_distinct_stable_and_readable():
    colors = [spread_color(i) for i in range(80)]
    assert len(set(colors)) == 80
    for a, b in pairwise(colors):
        assert sum(abs(x - y) for x, y in zip(a, b, strict=True)) > 80, (a, b)
    assert spread_color(0) == spread_color(0) == colors[0]
    assert all(contrast(color, readable_on(color)) >= 4.5 for color in colors)


def test_a_label_has_one_color_whatever_its_number_and_spelling():
    assert label_color("sofa") == label_color("couch")
    known = open_model("voc-seg").card.labels
    assert len({label_color(label) for label in known}) == len(known)
    assert label_color("person") == (60, 159, 16)  # seen; drawings of all runs to come should keep it
    assert all(contrast(label_color(label), readable_on(label_color(label))) >= 4.5 for label in known)


def contrast(a, b) -> float:
    """WCAG 2 contrast ratio, written out from its definition."""

    def luminance(color):
        parts = [v / 255 for v in color]
        linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)
