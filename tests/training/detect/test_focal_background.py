"""The background's loss in pieces against the formula, values and gradients."""

import pytest
import torch

from dlcli.training.detect import focal_background as module
from dlcli.training.detect.focal_background import focal_background, softplus


def formula(logits, skipped, gamma):
    p = torch.sigmoid(logits.double())
    return (p.pow(gamma) * -torch.log1p(-p))[~skipped].sum()


@pytest.mark.parametrize("gamma", [0.0, 1.5, 2.0])
@pytest.mark.parametrize("at_once", [7, 1 << 16])
def test_it_equals_the_formula(monkeypatch, gamma, at_once):
    monkeypatch.setattr(module, "AT_ONCE", at_once)
    torch.manual_seed(0)
    logits = (torch.randn(5, 9, 4) * 3).requires_grad_()
    skipped = torch.rand(5, 9, 4) < 0.3
    ours, theirs = focal_background(logits, skipped, gamma), formula(logits, skipped, gamma)
    torch.testing.assert_close(ours.double(), theirs, atol=1e-5, rtol=1e-5)
    slopes = [torch.autograd.grad(3 * value, logits)[0] for value in (ours, theirs)]
    torch.testing.assert_close(*slopes, atol=1e-5, rtol=1e-4)
    assert (slopes[0][skipped] == 0).all()


def test_bfloat16_logits_give_a_float32_loss():
    torch.manual_seed(0)
    logits = torch.randn(50, 4).bfloat16().requires_grad_()
    loss = focal_background(logits, torch.zeros(50, 4, dtype=torch.bool), 2.0)
    loss.backward()
    assert loss.dtype == torch.float32
    assert logits.grad.dtype == torch.bfloat16
    torch.testing.assert_close(loss.double(), formula(logits, torch.zeros(50, 4).bool(), 2.0), rtol=1e-4, atol=1e-4)


def test_softplus_is_that_of_torch_at_both_ends():
    x = torch.linspace(-200, 200, 4001)
    torch.testing.assert_close(softplus(x), torch.nn.functional.softplus(x), atol=2e-7, rtol=1e-5)
