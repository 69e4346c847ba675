"""The anchor detector's loss: empty images, and what it is divided by."""

import numpy as np
import pytest
import torch
from torch import nn

from dlcli.nets.box_offsets import centered, decoded, encoded
from dlcli.ops.anchors import AnchorGrid, decode_boxes, encode_boxes
from dlcli.ops.boxes import xyxy_to_cxcywh
from dlcli.ops.matching import BACKGROUND
from dlcli.training.detect.loss import DetectionLoss, normalized
from dlcli.training.detect.options import BoxLoss

GRID = AnchorGrid(64, 64)
COUNT = len(GRID.cxcywh)


class Fixed(nn.Module):
    """Gives the same answers for every image."""

    def __init__(self, logits, offsets):
        super().__init__()
        self.answers = logits, offsets

    def forward(self, x):
        return tuple(a.expand(len(x), -1, -1) for a in self.answers)


def batch(classes, boxes):
    pixels = torch.zeros(len(classes), 3, 64, 64, dtype=torch.uint8)
    return pixels, classes, boxes, (classes >= 0).float(), torch.zeros(*classes.shape, 3, dtype=torch.bool)


@pytest.mark.parametrize("focal", [True, False])
@pytest.mark.parametrize("by_box", BoxLoss)
def test_empty_images_cost_class_loss_and_no_box_loss(focal, by_box):
    net = Fixed(torch.zeros(COUNT, 3), torch.zeros(COUNT, 4))
    nothing = batch(torch.full((2, COUNT), BACKGROUND), torch.zeros(2, COUNT, 4))
    terms = DetectionLoss(GRID, focal, by_box)(net, nothing)
    assert float(terms["class"]) > 0
    assert float(terms["box"]) == 0


@pytest.mark.parametrize("by_box", BoxLoss)
def test_right_boxes_cost_nothing(by_box):
    rows = [3, 100, COUNT - 1]
    truth = torch.tensor([[5.0, 6, 30, 40], [10, 10, 50, 45], [1, 2, 60, 61]])
    offsets, boxes = torch.zeros(COUNT, 4), torch.zeros(COUNT, 4)
    offsets[rows] = encoded(truth, torch.from_numpy(GRID.cxcywh[rows]), GRID.variances)
    boxes[rows] = truth
    classes = torch.full((COUNT,), BACKGROUND)
    classes[rows] = 1
    terms = DetectionLoss(GRID, by_box=by_box)(Fixed(torch.zeros(COUNT, 3), offsets), batch(classes[None], boxes[None]))
    assert float(terms["box"]) == pytest.approx(0, abs=1e-4)


def test_both_terms_are_means_over_positive_anchors():
    """The same image twice costs the same as once."""
    classes = torch.full((1, COUNT), BACKGROUND)
    classes[0, :10] = 2
    boxes = torch.tensor([4.0, 4, 40, 40]).expand(1, COUNT, 4)
    net = Fixed(torch.randn(COUNT, 3, generator=torch.Generator().manual_seed(0)), torch.zeros(COUNT, 4))
    once = DetectionLoss(GRID)(net, batch(classes, boxes))
    twice = DetectionLoss(GRID)(net, batch(classes.repeat(2, 1), boxes.repeat(2, 1, 1)))
    for name in ("class", "box"):
        torch.testing.assert_close(once[name], twice[name])


def test_tensor_twins_equal_numpy():
    rng = np.random.default_rng(0)
    anchors = GRID.cxcywh[rng.integers(COUNT, size=100)]
    offsets = rng.normal(size=(100, 4)).astype(np.float32) * 4
    boxes = decode_boxes(offsets, anchors, GRID.variances)
    tensors = [torch.from_numpy(a) for a in (offsets, anchors, boxes)]
    torch.testing.assert_close(decoded(tensors[0], tensors[1], GRID.variances), tensors[2], atol=1e-3, rtol=1e-5)
    again = encode_boxes(boxes, anchors, GRID.variances)
    torch.testing.assert_close(
        encoded(tensors[2], tensors[1], GRID.variances), torch.from_numpy(again), atol=1e-4, rtol=1e-4
    )
    torch.testing.assert_close(centered(tensors[2]), torch.from_numpy(xyxy_to_cxcywh(boxes)), atol=1e-3, rtol=1e-5)


def test_pixels_are_normalized_as_the_card_says():
    x = normalized(torch.tensor([0, 127, 255], dtype=torch.uint8).view(1, 3, 1, 1))
    assert x.flatten().tolist() == [-127 / 128, 0, 1]
