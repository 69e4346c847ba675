"""Losses of the classifiers against torch's own."""

import math

import pytest
import torch
import torch.nn.functional as F
from torchvision import ops

from dlcli.training.classify.losses import (
    LARGEST_WEIGHT,
    LabelLoss,
    balancing_weights,
    binary_cross_entropy,
    cross_entropy,
    focal_binary,
    focal_cross_entropy,
    multi_hot,
    yes_weights,
)
from dlcli.training.classify.options import ClassifyLoss

WEIGHTS = torch.tensor([0.5, 1.0, 2.0, 1.5, 0.1])


@pytest.fixture
def batch():
    generator = torch.Generator().manual_seed(3)
    logits = torch.randn(8, 5, generator=generator) * 4
    return logits, torch.randint(5, (8,), generator=generator)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["even", "weighted"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_is_torchs(batch, smoothing, weights):
    logits, classes = batch
    expected = F.cross_entropy(logits, classes, weight=weights, label_smoothing=smoothing)
    torch.testing.assert_close(cross_entropy(logits, F.one_hot(classes, 5).float(), smoothing, weights), expected)


def test_cross_entropy_of_mixed_classes_is_torchs(batch):
    logits, classes = batch
    mixed = 0.3 * F.one_hot(classes, 5) + 0.7 * F.one_hot(classes.flip(0), 5)
    torch.testing.assert_close(cross_entropy(logits, mixed, 0.1), F.cross_entropy(logits, mixed, label_smoothing=0.1))


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["even", "weighted"])
def test_binary_cross_entropy_is_torchs(batch, weights):
    logits, _ = batch
    targets = torch.rand(8, 5, generator=torch.Generator().manual_seed(1))
    expected = F.binary_cross_entropy_with_logits(logits, targets, pos_weight=weights)
    torch.testing.assert_close(binary_cross_entropy(logits, targets, weights=weights), expected)
    smoothed = F.binary_cross_entropy_with_logits(logits, 0.8 * targets + 0.1, pos_weight=weights)
    torch.testing.assert_close(binary_cross_entropy(logits, targets, 0.2, weights), smoothed)


@pytest.mark.parametrize("multi_label", [False, True])
def test_huge_logits_stay_numbers(multi_label):
    logits = torch.tensor([[1e4, -1e4], [-1e4, 1e4]], requires_grad=True)
    loss = LabelLoss(multi_label)(logits, torch.eye(2).flip(0))
    loss.backward()
    assert loss.item() == pytest.approx(1e4 if multi_label else 2e4)
    assert logits.grad.isfinite().all()


def test_class_weights_are_inverse_to_what_is_seen():
    targets = torch.tensor([[1.0, 0]] * 6 + [[0, 1.0]] * 2)
    weights = balancing_weights(targets, multi_label=False)
    assert weights.tolist() == pytest.approx([8 / 12, 8 / 4])
    assert (targets @ weights).mean() == pytest.approx(1)


def test_weights_of_questions_weigh_yes_as_much_as_no():
    targets = torch.tensor([[1.0, 1, 0]] * 2 + [[0, 1.0, 1]] * 6)
    weights = balancing_weights(targets, multi_label=True)
    assert weights.tolist() == pytest.approx([6 / 2, 1 / LARGEST_WEIGHT, 2 / 6])
    assert yes_weights(torch.tensor([1]), 100_000).tolist() == [LARGEST_WEIGHT]


def test_multi_hot():
    assert multi_hot((0, 2), 4).tolist() == [1, 0, 1, 0]
    assert multi_hot((), 2).tolist() == [0, 0]


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["even", "weighted"])
def test_focal_loss_is_its_formula_and_without_gamma_cross_entropy(batch, weights):
    logits, classes = batch
    targets = F.one_hot(classes, 5).float()
    probabilities = [float(torch.softmax(row, 0)[class_id]) for row, class_id in zip(logits, classes, strict=True)]
    shares = [1.0 if weights is None else float(weights[class_id]) for class_id in classes]
    slow = sum(-w * (1 - p) ** 2 * math.log(p) for p, w in zip(probabilities, shares, strict=True)) / sum(shares)
    assert float(focal_cross_entropy(logits, targets, 0.0, weights)) == pytest.approx(slow, rel=1e-5)
    for smoothing in (0.0, 0.1):
        torch.testing.assert_close(
            focal_cross_entropy(logits, targets, smoothing, weights, gamma=0.0),
            cross_entropy(logits, targets, smoothing, weights),
        )


def test_focal_loss_of_several_classes_is_torchvisions(batch):
    logits, classes = batch
    targets = torch.maximum(F.one_hot(classes, 5), F.one_hot(classes.flip(0), 5)).float()
    expected = ops.sigmoid_focal_loss(logits, targets, alpha=-1, gamma=2, reduction="mean")
    torch.testing.assert_close(focal_binary(logits, targets), expected)
    torch.testing.assert_close(
        focal_binary(logits, targets, 0.1, WEIGHTS, gamma=0.0), binary_cross_entropy(logits, targets, 0.1, WEIGHTS)
    )
    loss = LabelLoss(True, name=ClassifyLoss.FOCAL)
    torch.testing.assert_close(loss(logits, targets), expected)
