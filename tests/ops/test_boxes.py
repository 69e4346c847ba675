"""Box formats, IoU and clipping against torchvision.ops and slow loops."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torchvision import ops

from dlcli.ops import boxes as b
from tests.oracles import iou_slow

WAYS = {
    ("xyxy", "xywh"): b.xyxy_to_xywh,
    ("xywh", "xyxy"): b.xywh_to_xyxy,
    ("xyxy", "cxcywh"): b.xyxy_to_cxcywh,
    ("cxcywh", "xyxy"): b.cxcywh_to_xyxy,
}
whole = st.integers(-2000, 2000).map(float)  # halves of whole numbers are exact in float32
box_arrays = st.integers(0, 8).flatmap(lambda n: arrays(np.float32, (n, 4), elements=whole))


def random_boxes(count, seed, side=40):
    rng = np.random.default_rng(seed)
    corner = rng.integers(0, side, (count, 2))
    return np.concatenate([corner, corner + rng.integers(0, side, (count, 2))], 1).astype(np.float32)


@pytest.mark.parametrize(("ours", "theirs"), [(way, names) for names, way in WAYS.items()])
@pytest.mark.parametrize("count", [0, 1, 50])
def test_conversions_equal_torchvision(ours, theirs, count):
    boxes = random_boxes(count, 1)
    expected = ops.box_convert(torch.from_numpy(boxes), *theirs).numpy()
    assert ours(boxes).dtype == np.float32
    np.testing.assert_array_equal(ours(boxes), expected)


@settings(deadline=None)
@given(box_arrays)
def test_round_trips(boxes):
    for there, back in ((b.xyxy_to_xywh, b.xywh_to_xyxy), (b.xyxy_to_cxcywh, b.cxcywh_to_xyxy)):
        np.testing.assert_array_equal(back(there(boxes)), boxes)


@pytest.mark.parametrize(("n", "m"), [(0, 3), (3, 0), (0, 0), (40, 30)])
def test_iou_equals_torchvision(n, m):
    one, other = random_boxes(n, 2), random_boxes(m, 3)
    expected = torch.nan_to_num(ops.box_iou(torch.from_numpy(one), torch.from_numpy(other))).numpy()
    assert b.box_iou(one, other).shape == (n, m)
    np.testing.assert_allclose(b.box_iou(one, other), expected, rtol=1e-6)


def test_iou_equals_a_slow_loop():
    one, other = random_boxes(12, 4), random_boxes(9, 5)
    expected = [[iou_slow(a, c) for c in other] for a in one]
    np.testing.assert_allclose(b.box_iou(one, other), expected, rtol=1e-6)


def test_iou_without_area_is_zero():
    point = np.array([[5, 5, 5, 5]], np.float32)
    around = np.array([[0, 0, 10, 10]], np.float32)
    inverted = np.array([[10, 10, 0, 0]], np.float32)
    assert b.box_iou(point, point) == 0
    assert b.box_iou(point, around) == 0
    assert b.box_iou(inverted, around) == 0
    assert b.box_area(inverted) == 0


@settings(deadline=None)
@given(box_arrays, box_arrays)
def test_iou_is_a_share_and_symmetric(one, other):
    iou = b.box_iou(one, other)
    assert ((iou >= 0) & (iou <= 1)).all()
    np.testing.assert_array_equal(iou, b.box_iou(other, one).T)


def test_clipping_equals_torchvision():
    boxes = random_boxes(30, 6) * 3 - 40
    expected = ops.clip_boxes_to_image(torch.from_numpy(boxes), (25, 30)).numpy()
    np.testing.assert_array_equal(b.clip_boxes(boxes, 30, 25), expected)
