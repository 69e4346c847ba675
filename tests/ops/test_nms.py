"""NMS against torchvision.ops and a slow loop."""

import numpy as np
import pytest
import torch
from torchvision import ops

from dlcli.ops.nms import nms, nms_per_class
from dlcli.records import Boxes
from tests.ops.test_boxes import random_boxes
from tests.oracles import nms_slow


def scored(count, seed, levels=None):
    """Random boxes and scores; `levels` distinct scores only, for ties."""
    rng = np.random.default_rng(seed)
    scores = rng.random(count) if levels is None else rng.integers(1, levels + 1, count) / levels
    return random_boxes(count, seed), scores.astype(np.float32)


@pytest.mark.parametrize("iou", [0.0, 0.3, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("levels", [None, 3], ids=["distinct", "ties"])
def test_nms_equals_torchvision(iou, levels):
    boxes, scores = scored(80, 1, levels)
    expected = ops.nms(torch.from_numpy(boxes), torch.from_numpy(scores), iou).numpy()
    np.testing.assert_array_equal(nms(boxes, scores, iou), expected)


@pytest.mark.parametrize("seed", range(5))
def test_nms_equals_a_slow_loop(seed):
    boxes, scores = scored(30, seed, 4)
    assert nms(boxes, scores, 0.4).tolist() == nms_slow(boxes, scores, 0.4)


def test_zero_boxes():
    kept = nms(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), 0.5)
    assert kept.shape == (0,)
    assert kept.dtype == np.int64


def test_of_equal_boxes_with_equal_scores_the_first_stays():
    boxes = np.tile(np.array([[0, 0, 9, 9]], np.float32), (4, 1))
    assert nms(boxes, np.full(4, 0.5, np.float32), 0.5).tolist() == [0]


def test_boxes_without_area_all_stay():
    boxes = np.array([[3, 3, 3, 3], [3, 3, 3, 3], [0, 0, 9, 9]], np.float32)
    assert nms(boxes, np.array([0.9, 0.8, 0.7], np.float32), 0.0).tolist() == [0, 1, 2]


def test_an_overlap_of_just_the_threshold_stays():
    boxes = np.array([[0, 0, 4, 4], [0, 0, 4, 2]], np.float32)  # IoU 1/2, exact in float32
    scores = np.array([0.9, 0.8], np.float32)
    assert nms(boxes, scores, 0.5).tolist() == [0, 1]
    assert nms(boxes, scores, 0.49).tolist() == [0]


@pytest.mark.parametrize("levels", [None, 3], ids=["distinct", "ties"])
def test_per_class_equals_torchvision(levels):
    boxes, scores = scored(80, 2, levels)
    classes = np.random.default_rng(3).integers(0, 4, 80)
    expected = ops.batched_nms(*(torch.from_numpy(a) for a in (boxes, scores, classes)), 0.3).numpy()
    found = nms_per_class(Boxes(boxes, scores, classes), 0.3)
    np.testing.assert_array_equal(found.scores, scores[expected])
    assert {tuple(row) for row in found.xyxy} == {tuple(row) for row in boxes[expected]}
    assert (np.diff(found.scores) <= 0).all()


def test_per_class_of_zero_boxes():
    none = Boxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))
    assert len(nms_per_class(none, 0.5)) == 0
