"""Focal loss of masks against a slow loop, and at gamma 0 against cross-entropy."""

import numpy as np
import pytest
import torch

from dlcli.training.segment.mask_losses.cross_entropy import cross_entropy_loss
from dlcli.training.segment.mask_losses.focal import mask_focal_loss
from tests.training.mask_losses.oracle import pixels_of, random_masks

WEIGHTS = torch.tensor([1.0, 0.5, 3.0, 2.0]).double()


@pytest.mark.parametrize("void", [False, True])
@pytest.mark.parametrize("gamma", [0.5, 2.0])
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
def test_it_is_the_formula(void, gamma, weights):
    logits, target = random_masks(1, void=void)
    w = np.ones(4) if weights is None else weights.numpy()
    pixels = list(pixels_of(logits, target))
    loss = sum(-w[true] * (1 - p[true]) ** gamma * np.log(p[true]) for _, p, true in pixels)
    ours = float(mask_focal_loss(logits, target, weights, gamma))
    assert ours == pytest.approx(loss / sum(w[true] for _, _, true in pixels), rel=1e-9)


def test_gamma_0_is_cross_entropy():
    logits, target = random_masks(2, void=True)
    theirs = cross_entropy_loss(logits, target, WEIGHTS)
    assert float(mask_focal_loss(logits, target, WEIGHTS, gamma=0.0)) == pytest.approx(float(theirs), rel=1e-9)


def test_it_stays_a_number_with_logits_that_leave_no_doubt():
    logits = torch.tensor([[[[200.0]], [[-200.0]]]], requires_grad=True)
    for true in (0, 1):
        mask_focal_loss(logits, torch.full((1, 1, 1), true)).backward()
    assert torch.isfinite(logits.grad).all()


def test_nothing_that_counts_is_0():
    logits, target = random_masks(3)
    assert float(mask_focal_loss(logits, torch.full_like(target, 255), WEIGHTS)) == 0
