"""What boxes cost, against torchvision and hand-computed values."""

import math

import pytest
import torch
from torchvision import ops

from dlcli.training.detect.box_losses import BOX_LOSSES, giou_loss
from dlcli.training.detect.options import BoxLoss


def random_boxes(count, seed):
    generator = torch.Generator().manual_seed(seed)
    corner = torch.rand(count, 2, generator=generator) * 50
    return torch.cat([corner, corner + torch.rand(count, 2, generator=generator) * 50], 1)


def test_giou_equals_torchvision():
    ours, truth = random_boxes(80, 1), random_boxes(80, 2)
    expected = ops.generalized_box_iou_loss(ours, truth, reduction="sum")
    torch.testing.assert_close(giou_loss(ours, truth), expected)
    assert float(giou_loss(truth, truth)) == pytest.approx(0, abs=1e-4)


def test_giou_of_boxes_without_area_is_finite():
    ours = torch.tensor([[5.0, 5, 5, 5], [0, 0, 0, 0]], requires_grad=True)
    loss = giou_loss(ours, torch.tensor([[5.0, 5, 5, 5], [10, 10, 20, 20]]))
    loss.backward()
    assert math.isfinite(loss.item())
    assert torch.isfinite(ours.grad).all()


@pytest.mark.parametrize(
    ("name", "costs"),
    [
        (BoxLoss.L1, (0.5, 3.0, 0.0, 1.0)),
        (BoxLoss.SMOOTH_L1, (0.125, 2.5, 0.0, 0.5)),
        (BoxLoss.HUBER, (0.125, 0.5 * (3 - 0.25), 0.0, 0.5 * (1 - 0.25))),
    ],
)
def test_losses_of_offsets(name, costs):
    moves = torch.tensor([[0.5, -3.0, 0.0, 1.0]])
    assert float(BOX_LOSSES[name].function(moves, torch.zeros(1, 4))) == pytest.approx(sum(costs))


@pytest.mark.parametrize("name", BoxLoss)
def test_zero_boxes_cost_nothing(name):
    assert float(BOX_LOSSES[name].function(torch.zeros(0, 4), torch.zeros(0, 4))) == 0
