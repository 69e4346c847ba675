"""What the second look learns from: matched, sampled, ignored, and nothing at all."""

import pytest
import torch

from dlcli.nets.fast_rcnn import FastRcnn
from dlcli.ops.anchors import AnchorGrid
from dlcli.ops.boxes import box_iou
from dlcli.ops.matching import BACKGROUND, IGNORED, match_anchors
from dlcli.training.detect.loss import DetectionLoss
from dlcli.training.detect.region_loss import PER_IMAGE, RegionLoss, sample_regions, true_boxes
from dlcli.training.detect.samples import Targets

GRID = AnchorGrid(64, 64)
TRUTH = torch.tensor([[4.0, 4, 24, 24], [30, 30, 60, 62]])
CLASSES = torch.tensor([2, 0])
BACK = 3


def targets():
    """The anchors' targets for TRUTH, each of them sure."""
    match = torch.from_numpy(match_anchors(GRID.xyxy, TRUTH.numpy()))
    classes, boxes = match.clone(), torch.zeros(len(match), 4)
    classes[match >= 0] = CLASSES[match[match >= 0]]
    boxes[match >= 0] = TRUTH[match[match >= 0]]
    return known(classes, boxes)


def known(classes, boxes):
    wanted = (classes >= 0).float()
    return Targets(classes, boxes, wanted, torch.zeros(*classes.shape, BACK, dtype=torch.bool))


def near(count, seed=0):
    """Proposals around the true boxes."""
    generator = torch.Generator().manual_seed(seed)
    center = TRUTH[torch.randint(2, (count,), generator=generator)]
    return center + torch.rand(count, 4, generator=generator) * 16 - 8


def test_the_truth_comes_back_from_the_anchors():
    boxes, classes = true_boxes(targets().classes, targets().boxes)
    order = classes.argsort()
    assert torch.equal(boxes[order], TRUTH[[1, 0]])
    assert classes[order].tolist() == [0, 2]


def test_regions_are_sampled_one_to_three_and_labeled_by_overlap():
    torch.manual_seed(0)
    proposals = near(400)
    found = sample_regions(proposals, torch.zeros(400, dtype=torch.int64), targets())
    assert len(found.xyxy) == PER_IMAGE
    held = found.classes != BACK
    assert int(held.sum()) == PER_IMAGE // 4
    iou = torch.from_numpy(box_iou(found.xyxy.numpy(), TRUTH.numpy()))
    assert torch.equal(held, iou.amax(1) >= 0.5)
    assert torch.equal(found.classes[held], CLASSES[iou.argmax(1)][held])
    assert torch.equal(found.truth[held], TRUTH[iou.argmax(1)][held])
    assert (found.truth[~held] == 0).all()


def test_true_boxes_are_regions_too():
    found = sample_regions(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64), targets())
    assert sorted(found.xyxy.tolist()) == TRUTH.tolist()
    assert BACK not in found.classes


def test_a_region_of_an_ignored_anchor_is_no_background():
    classes = torch.tensor([IGNORED, BACKGROUND])
    proposals = torch.tensor([[0.0, 0, 9, 9], [40, 40, 50, 50]])
    found = sample_regions(proposals, torch.tensor([0, 1]), known(classes, torch.zeros(2, 4)))
    assert found.xyxy.tolist() == [[40, 40, 50, 50]]


def test_a_region_of_an_anchor_with_an_unsure_class_is_no_background():
    seen = known(torch.tensor([BACKGROUND, BACKGROUND]), torch.zeros(2, 4))
    seen.unsure[0, 1] = True
    proposals = torch.tensor([[0.0, 0, 9, 9], [40, 40, 50, 50]])
    assert sample_regions(proposals, torch.tensor([0, 1]), seen).xyxy.tolist() == [[40, 40, 50, 50]]


@pytest.mark.parametrize("pool", ["align", "max"])
def test_all_terms_are_finite_and_teach_every_part(pool):
    torch.manual_seed(0)
    net = FastRcnn(3, GRID, pool, proposals=30)
    full = targets()
    empty = known(torch.full_like(full.classes, BACKGROUND), torch.zeros_like(full.boxes))
    pixels = torch.randint(255, (2, 3, 64, 64), dtype=torch.uint8)
    batch = pixels, *(torch.stack(pair) for pair in zip(full, empty, strict=True))
    terms = RegionLoss(DetectionLoss(GRID))(net, batch)
    assert list(terms) == ["class", "box", "region_class", "region_box"]
    torch.stack(list(terms.values())).sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in net.parameters() if p.grad is not None)
    assert net.region_head.box_out.weight.grad.abs().sum() > 0
    assert net.backbone.stem.conv.weight.grad.abs().sum() > 0


def test_images_without_objects_cost_background_only():
    net = FastRcnn(3, GRID, proposals=30)
    empty = torch.full((2, len(GRID.cxcywh)), BACKGROUND)
    batch = torch.zeros(2, 3, 64, 64, dtype=torch.uint8), *known(empty, torch.zeros(2, len(GRID.cxcywh), 4))
    terms = RegionLoss(DetectionLoss(GRID))(net, batch)
    assert float(terms["region_class"]) > 0
    assert float(terms["region_box"]) == 0
