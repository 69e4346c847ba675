"""Cross-entropy of masks against a slow loop and torch."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlcli.training.segment.mask_losses.cross_entropy import cross_entropy_loss
from tests.training.mask_losses.oracle import pixels_of, random_masks

WEIGHTS = torch.tensor([1.0, 0.5, 3.0, 2.0]).double()


@pytest.mark.parametrize("void", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
def test_it_is_the_formula(void, smoothing, weights):
    logits, target = random_masks(1, void=void)
    w = np.ones(4) if weights is None else weights.numpy()
    loss = total = 0.0
    for _, p, true in pixels_of(logits, target):
        q = np.full(4, smoothing / 4)
        q[true] += 1 - smoothing
        loss += -(q * w * np.log(p)).sum()
        total += w[true]
    ours = float(cross_entropy_loss(logits, target, weights, smoothing))
    assert ours == pytest.approx(loss / total, rel=1e-9)
    theirs = F.cross_entropy(logits, target, weights, ignore_index=255, label_smoothing=smoothing)
    assert ours == pytest.approx(float(theirs), rel=1e-9)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["plain", "weighted"])
def test_nothing_that_counts_is_0(weights):
    """Where torch's own mean is 0 / 0."""
    logits, target = random_masks(2)
    assert float(cross_entropy_loss(logits, torch.full_like(target, 255), weights)) == 0
