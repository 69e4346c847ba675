"""The second look: which level, which regions, and answers that decode like an anchor detector's."""

import numpy as np
import pytest
import torch

from dlcli.card import ModelCard
from dlcli.errors import DataError
from dlcli.nets.anchor_detector import AnchorDetector
from dlcli.nets.factory import build_detector
from dlcli.nets.fast_rcnn import CELLS, FastRcnn, log_odds, region_level
from dlcli.nets.forward import torch_forward
from dlcli.nets.roi_pool import roi_align
from dlcli.ops.anchors import AnchorGrid
from dlcli.tasks.detect.decode import decode

GRID = AnchorGrid(128, 64)


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    return FastRcnn(3, GRID, proposals=20).eval()


def card(**decoding):
    return ModelCard(
        *("test", "detect", ("a", "b", "c"), (128, 64), (127.0,) * 3, (128.0,) * 3),
        decoding=GRID.decoding() | decoding,
    )


@pytest.mark.parametrize(
    ("side", "level"), [(0, 0), (10, 0), (111, 0), (223, 0), (225, 1), (447, 1), (449, 2), (900, 3), (5000, 3)]
)
def test_the_level_follows_the_papers_rule(side, level):
    box = torch.tensor([[5.0, 5.0, 5.0 + side, 5.0 + side]])
    assert region_level(box, GRID.strides).tolist() == [level]


def test_the_level_depends_on_the_area_alone():
    boxes = torch.tensor([[0.0, 0.0, 900.0, 100.0], [0.0, 0.0, 300.0, 300.0]])
    assert region_level(boxes, GRID.strides).tolist() == [1, 1]


def test_a_sigmoid_of_log_odds_is_the_softmax():
    logits = torch.randn(50, 5, generator=torch.Generator().manual_seed(0)) * 6
    torch.testing.assert_close(torch.sigmoid(log_odds(logits)), logits.softmax(1))
    assert log_odds(torch.zeros(0, 5)).shape == (0, 5)
    assert torch.isfinite(log_odds(torch.tensor([[80.0, -80.0, 0.0]]))).all()


def test_regions_keep_their_order_over_the_levels(net):
    levels = [torch.randn(128, 256 // stride, 512 // stride) for stride in GRID.strides]
    boxes = torch.tensor([[0.0, 0, 300, 250], [4, 4, 20, 30], [0, 0, 512, 256], [100, 50, 140, 90]])
    pooled = net.pooled(tuple(levels), boxes)
    for box, level, grid in zip(boxes, region_level(boxes, GRID.strides), pooled, strict=True):
        expected = roi_align(levels[level], box[None], CELLS, 1 / GRID.strides[level])[0]
        torch.testing.assert_close(grid, expected)


@torch.inference_mode()
def test_answers_belong_to_the_anchors_of_the_regions(net):
    x = torch.randn(2, 3, 64, 128, generator=torch.Generator().manual_seed(1))
    logits, offsets = net(x)
    assert logits.shape == (2, len(GRID.cxcywh), 3)
    assert offsets.shape == (2, len(GRID.cxcywh), 4)
    levels = net.features(x)
    found = net.propose(*net.head(levels), GRID)
    class_logits, _ = net.look_again(levels, [boxes for boxes, _ in found])
    start = 0
    for i, (boxes, anchors) in enumerate(found):
        answered = torch.nonzero(torch.isfinite(logits[i, :, 0])).squeeze(1)
        assert answered.tolist() == sorted(anchors.tolist())
        expected = class_logits[start : start + len(boxes)].softmax(1)[:, :-1]
        torch.testing.assert_close(torch.sigmoid(logits[i, anchors]), expected)
        start += len(boxes)


def test_without_a_move_the_boxes_are_the_regions(net):
    """Decoded as the predictor does it: every region comes back where it was, once a class."""
    still = FastRcnn(3, GRID, proposals=20)
    still.load_state_dict(net.state_dict())
    torch.nn.init.zeros_(still.region_head.box_out.weight)
    x = np.random.default_rng(1).normal(size=(1, 3, 64, 128)).astype(np.float32)
    boxes = decode(*torch_forward(still)(x), GRID, conf=0.0, iou=1.0)
    with torch.inference_mode():
        regions, _ = still.propose(*still.head(still.features(torch.from_numpy(x))), GRID)[0]
    assert len(boxes) == 3 * len(regions)
    for box in boxes.xyxy:
        assert np.abs(regions.numpy() - box).max(1).min() < 0.01


def test_without_regions_nothing_is_found(net):
    logits = torch.zeros(1, len(GRID.cxcywh), 3)
    far = torch.full((1, len(GRID.cxcywh), 4), 1e6)
    levels = [torch.zeros(1, 128, 64 // stride, 128 // stride) for stride in GRID.strides]
    found = net.propose(logits, far, GRID)
    class_logits, moves = net.look_again(levels, [boxes for boxes, _ in found])
    assert class_logits.shape == (0, 4)
    assert moves.shape == (0, 4)


def test_the_second_look_teaches_the_features(net):
    levels = [torch.zeros(1, 128, 64 // stride, 128 // stride, requires_grad=True) for stride in GRID.strides]
    logits, _ = net.look_again(levels, [torch.tensor([[8.0, 8, 40, 40]])])
    logits.square().sum().backward()
    assert levels[0].grad.abs().sum() > 0


def test_another_input_size_than_the_grids(net):
    with torch.inference_mode():
        logits, _ = net(torch.zeros(1, 3, 64, 64))
    assert logits.shape[1] == len(GRID.at(64, 64).cxcywh)


def test_a_card_says_which_network_it_is():
    assert type(build_detector(card())) is AnchorDetector
    second = build_detector(card(second_stage={"pool": "max", "proposals": 50}))
    assert isinstance(second, FastRcnn)
    assert second.proposals == 50
    assert second.pool.__name__ == "roi_max_pool"
    with pytest.raises(DataError, match="expected pooling by align or max, got mean"):
        build_detector(card(second_stage={"pool": "mean", "proposals": 50}))
