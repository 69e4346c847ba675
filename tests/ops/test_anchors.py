"""The anchor grid, and offsets in both directions."""

import numpy as np
import pytest
import torch
from torchvision.models.detection._utils import BoxCoder

from dlcli.ops.anchors import AnchorGrid, decode_boxes, encode_boxes
from dlcli.ops.boxes import cxcywh_to_xyxy, xyxy_to_cxcywh
from tests.ops.test_boxes import random_boxes

GRID = AnchorGrid(128, 64)


def test_the_grid_follows_its_words():
    """Level by level, row by row, cell by cell, scale by scale, ratio by ratio; height over width is the ratio."""
    expected = [
        ((x + 0.5) * stride, (y + 0.5) * stride, side * scale / ratio**0.5, side * scale * ratio**0.5)
        for stride, side in zip(GRID.strides, GRID.sides, strict=True)
        for y in range(64 // stride)
        for x in range(128 // stride)
        for scale in GRID.scales
        for ratio in GRID.ratios
    ]
    np.testing.assert_allclose(GRID.cxcywh, expected, rtol=1e-5)
    assert GRID.cxcywh.dtype == np.float32
    np.testing.assert_array_equal(GRID.xyxy, cxcywh_to_xyxy(GRID.cxcywh))
    assert GRID.per_cell == 6


def test_a_grid_goes_into_a_card_and_back():
    grid = AnchorGrid(320, 256, sides=(16, 32, 64, 128), ratios=(1.0,))
    assert AnchorGrid.from_decoding(320, 256, grid.decoding()) == grid


def test_another_size_is_the_same_object_each_time():
    small = GRID.at(64, 64)
    assert small is GRID.at(64, 64)
    assert GRID.at(128, 64) is GRID
    assert (small.width, small.height, small.sides) == (64, 64, GRID.sides)


def test_offsets_and_back():
    rng = np.random.default_rng(0)
    anchors = GRID.cxcywh[rng.integers(len(GRID.cxcywh), size=200)]
    boxes = cxcywh_to_xyxy((anchors * rng.uniform(0.5, 1.8, (200, 4))).astype(np.float32))
    offsets = encode_boxes(boxes, anchors, GRID.variances)
    assert offsets.dtype == np.float32
    np.testing.assert_allclose(decode_boxes(offsets, anchors, GRID.variances), boxes, atol=2e-3)


def test_offsets_equal_torchvisions():
    """Its weights are the inverses of our variances."""
    boxes = random_boxes(50, 1) + np.array([0, 0, 5, 5], np.float32)
    anchors = random_boxes(50, 2) + np.array([0, 0, 5, 5], np.float32)
    expected = BoxCoder((10.0, 10.0, 5.0, 5.0)).encode_single(torch.from_numpy(boxes), torch.from_numpy(anchors))
    np.testing.assert_allclose(encode_boxes(boxes, xyxy_to_cxcywh(anchors)), expected.numpy(), atol=1e-4)


def test_no_offset_overflows():
    boxes = decode_boxes(np.full((1, 4), 1e4, np.float32), GRID.cxcywh[:1], GRID.variances)
    assert np.isfinite(boxes).all()
    assert boxes[0, 2] - boxes[0, 0] == pytest.approx(np.exp(4) * GRID.cxcywh[0, 2], rel=1e-4)


def test_zero_offsets_are_the_anchors():
    np.testing.assert_allclose(decode_boxes(np.zeros_like(GRID.cxcywh), GRID.cxcywh), GRID.xyxy, atol=1e-5)
