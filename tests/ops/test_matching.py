"""Which anchor learns which box, against slow loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcli.ops.anchors import AnchorGrid
from dlcli.ops.boxes import box_iou
from dlcli.ops.matching import BACKGROUND, IGNORED, match_adaptively, match_anchors
from tests.ops.test_boxes import random_boxes
from tests.oracles import iou_slow, match_adaptively_slow, match_anchors_slow

GRID = AnchorGrid(128, 64)
corner = st.integers(0, 12)
few_boxes = st.lists(st.tuples(corner, corner, st.integers(1, 9), st.integers(1, 9)), max_size=6)


def as_boxes(rows):
    xywh = np.array(rows, np.float32).reshape(-1, 4)
    return np.concatenate([xywh[:, :2], xywh[:, :2] + xywh[:, 2:]], 1)


@settings(max_examples=60, deadline=None)
@given(few_boxes, few_boxes, st.sampled_from([(0.5, 0.4), (0.5, 0.5), (0.7, 0.3), (0.0, 0.0), (1.0, 1.0)]))
def test_matching_follows_the_words(anchors, boxes, thresholds):
    """Small whole numbers give many ties, anchors in two boxes, boxes that touch no anchor, and more of either."""
    anchors, boxes = as_boxes(anchors), as_boxes(boxes)
    table = [[iou_slow(anchor, box) for box in boxes.tolist()] for anchor in anchors.tolist()]
    expected = match_anchors_slow(table, *thresholds)
    assert match_anchors(anchors, boxes, *thresholds).tolist() == expected


@pytest.mark.parametrize("seed", range(3))
def test_matching_on_a_real_grid(seed):
    boxes = random_boxes(7, seed, side=50) + np.array([0, 0, 6, 6], np.float32)
    expected = match_anchors_slow(box_iou(GRID.xyxy, boxes).tolist(), 0.5, 0.4)
    found = match_anchors(GRID.xyxy, boxes)
    assert found.tolist() == expected
    assert set(range(7)) <= set(found.tolist()), "each box has an anchor"


def test_matching_without_boxes_is_background():
    assert (match_anchors(GRID.xyxy, np.zeros((0, 4), np.float32)) == BACKGROUND).all()
    assert match_anchors(np.zeros((0, 4), np.float32), as_boxes([(0, 0, 5, 5)])).shape == (0,)


def test_between_the_thresholds_is_ignored():
    anchors = as_boxes([(0, 0, 10, 10), (0, 0, 10, 10), (0, 0, 10, 9), (0, 0, 10, 4), (0, 0, 10, 3)])
    box = as_boxes([(0, 0, 10, 10)])
    assert match_anchors(anchors, box, 0.9, 0.4).tolist() == [0, 0, 0, IGNORED, BACKGROUND]


@settings(max_examples=40, deadline=None)
@given(few_boxes, st.sampled_from([1, 4, 10]))
def test_adaptive_matching_follows_the_paper(boxes, scale):
    """Small whole numbers give centers on the edges of cells, boxes that are equal, and boxes between all anchors."""
    boxes = as_boxes(boxes) * scale
    grid = AnchorGrid(96, 64, ratios=(0.5, 1.0))
    assert match_adaptively(grid, boxes).tolist() == match_adaptively_slow(
        grid, boxes, box_iou(grid.xyxy, boxes).tolist()
    )


@pytest.mark.parametrize("seed", range(3))
def test_adaptive_matching_on_a_real_grid(seed):
    boxes = random_boxes(7, seed, side=50) + np.array([0, 0, 6, 6], np.float32)
    found = match_adaptively(GRID, boxes)
    assert found.tolist() == match_adaptively_slow(GRID, boxes, box_iou(GRID.xyxy, boxes).tolist())
    assert set(range(7)) <= set(found.tolist()), "each box has an anchor"


def test_adaptive_matching_gives_a_small_box_what_thresholds_deny_it():
    """A box of 12 pixels overlaps no anchor of 24 by half: thresholds bind one anchor, its own threshold finds more."""
    grid, box = AnchorGrid(128, 128), np.array([[58, 58, 70, 70]], np.float32)
    assert (match_anchors(grid.xyxy, box) == 0).sum() == 1
    assert (match_adaptively(grid, box) == 0).sum() > 1


def test_adaptive_matching_without_boxes_is_background():
    assert (match_adaptively(GRID, np.zeros((0, 4), np.float32)) == BACKGROUND).all()
