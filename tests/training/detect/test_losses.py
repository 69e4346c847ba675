"""Losses against torchvision.ops and slow formulas."""

import math

import pytest
import torch
from torchvision import ops

from dlcli.ops.matching import BACKGROUND, IGNORED
from dlcli.training.detect.losses import focal_loss, mined_cross_entropy


def targets(count=60, classes=4, seed=0):
    generator = torch.Generator().manual_seed(seed)
    logits = torch.randn(count, classes, generator=generator) * 3
    return logits, torch.randint(IGNORED, classes, (count,), generator=generator)


def sure(logits, classes):
    """Every class is known everywhere, and each true one is wanted in full."""
    return (classes >= 0).float(), torch.zeros_like(logits, dtype=torch.bool)


def one_hot(logits, classes):
    hot = torch.zeros_like(logits)
    hot[classes >= 0, classes[classes >= 0]] = 1
    return hot


@pytest.mark.parametrize(("alpha", "gamma"), [(0.25, 2.0), (0.5, 0.0), (0.75, 1.5)])
def test_focal_equals_torchvision(alpha, gamma):
    logits, classes = targets()
    counted = classes != IGNORED
    expected = ops.sigmoid_focal_loss(logits[counted], one_hot(logits, classes)[counted], alpha, gamma, "sum")
    torch.testing.assert_close(focal_loss(logits, classes, *sure(logits, classes), alpha, gamma), expected)


def test_focal_gradient_equals_torchvision():
    logits, classes = targets(seed=1)
    logits.requires_grad_()
    counted = classes != IGNORED
    expected = ops.sigmoid_focal_loss(logits[counted], one_hot(logits.detach(), classes)[counted], reduction="sum")
    ours, theirs = (
        torch.autograd.grad(loss, logits)[0] for loss in (focal_loss(logits, classes, *sure(logits, classes)), expected)
    )
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-4)
    assert (ours[classes == IGNORED] == 0).all()


def test_focal_is_finite_for_extreme_logits():
    logits, classes = torch.tensor([[100.0, -100.0], [-100.0, 100.0]], requires_grad=True), torch.tensor([0, 0])
    loss = focal_loss(logits, classes, *sure(logits, classes))
    loss.backward()
    assert math.isfinite(loss.item())
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("loss", [focal_loss, mined_cross_entropy])
def test_a_wanted_score_is_where_the_loss_is_least(loss):
    logits = torch.tensor([0.3]).logit().requires_grad_()
    cost = loss(logits.view(1, 1), torch.tensor([0]), torch.tensor([0.3]), torch.zeros(1, 1, dtype=torch.bool))
    assert float(torch.autograd.grad(cost, logits)[0]) == pytest.approx(0, abs=1e-6)
    lower = loss(logits.detach().view(1, 1) - 1, torch.tensor([0]), torch.tensor([0.3]), torch.zeros(1, 1).bool())
    assert lower.item() > cost.item()


@pytest.mark.parametrize("loss", [focal_loss, mined_cross_entropy])
def test_an_unsure_class_teaches_nothing_unless_it_is_the_true_one(loss):
    logits, classes = torch.zeros(2, 2, requires_grad=True), torch.tensor([0, BACKGROUND])
    wanted, unsure = torch.tensor([1.0, 0]), torch.tensor([[True, True], [True, False]])
    (slopes,) = torch.autograd.grad(loss(logits, classes, wanted, unsure), logits)
    assert (slopes != 0).tolist() == [[True, False], [False, True]]


@pytest.mark.parametrize("ratio", [0, 3])
@pytest.mark.parametrize("seed", range(3))
def test_mined_equals_a_slow_loop(ratio, seed):
    logits, classes = targets(200, seed=seed)
    classes[classes >= 0] = torch.where(torch.arange(int((classes >= 0).sum())) < 15, 0, BACKGROUND)
    positives, negatives = [], []
    for row, c in zip(logits.double().tolist(), classes.tolist(), strict=True):
        cost = sum(-math.log(1 / (1 + math.exp(-v if i == c else v))) for i, v in enumerate(row))
        if c >= 0:
            positives.append(cost)
        elif c == BACKGROUND:
            negatives.append(cost)
    hardest = sorted(negatives, reverse=True)[: max(ratio * len(positives), 32)]
    expected = sum(positives) + sum(hardest)
    assert float(mined_cross_entropy(logits, classes, *sure(logits, classes), ratio)) == pytest.approx(
        expected, rel=1e-5
    )


@pytest.mark.parametrize("loss", [focal_loss, mined_cross_entropy])
def test_without_positives_the_background_still_costs(loss):
    logits, _ = targets()
    for filling, costs in ((BACKGROUND, True), (IGNORED, False)):
        classes = torch.full((60,), filling)
        assert bool(loss(logits, classes, *sure(logits, classes)) > 0) is costs
