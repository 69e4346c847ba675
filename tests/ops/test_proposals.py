"""The best boxes of the anchor head, as regions for a second look."""

import numpy as np
from torch import from_numpy
from torchvision.ops import box_iou as torch_iou

from dlcli.ops.anchors import AnchorGrid, decode_boxes
from dlcli.ops.proposals import best_proposals

GRID = AnchorGrid(128, 64)


def answers(seed=0):
    rng = np.random.default_rng(seed)
    count = len(GRID.cxcywh)
    return rng.normal(size=(count, 3)).astype(np.float32), rng.normal(size=(count, 4)).astype(np.float32)


def test_regions_are_the_best_boxes_after_nms():
    logits, offsets = answers()
    boxes, anchors = best_proposals(logits, offsets, GRID, count=20, iou=0.5)
    assert boxes.shape == (20, 4)
    assert boxes.dtype == np.float32
    assert (np.diff(logits[anchors].max(1)) <= 0).all()
    assert logits[anchors[0]].max() == logits.max()
    overlap = torch_iou(from_numpy(boxes), from_numpy(boxes)).numpy()
    assert (overlap - np.eye(20) <= 0.5).all()
    inside = np.clip(decode_boxes(offsets[anchors], GRID.cxcywh[anchors]), 0, [128, 64, 128, 64])
    np.testing.assert_array_equal(boxes, inside.astype(np.float32))


def test_a_box_outside_the_image_is_no_region():
    logits, offsets = answers()
    offsets[:, 0] = 1e6  # all far to the right
    boxes, anchors = best_proposals(logits, offsets, GRID)
    assert boxes.shape == (0, 4)
    assert anchors.shape == (0,)
