"""Quick depthwise gradients against those of torch."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from dlcli.nets.depthwise import depthwise_conv
from dlcli.nets.layers import ConvNorm

CASES = [(5, 1, 2, (9, 12)), (5, 2, 0, (11, 14)), (3, 1, 1, (7, 6)), (3, 2, 0, (9, 10)), (5, 1, 2, (2, 3))]


def leaves(kernel, sides, dtype=torch.float32):
    torch.manual_seed(0)
    shapes = (2, 6, *sides), (6, 1, kernel, kernel), (6,)
    return [torch.randn(shape).to(dtype).requires_grad_() for shape in shapes]


def gradients(out, parts):
    torch.manual_seed(1)
    return torch.autograd.grad((out * torch.randn(out.shape)).sum(), parts)


@pytest.mark.parametrize(("kernel", "stride", "padding", "sides"), CASES)
def test_values_and_gradients_equal_torch(kernel, stride, padding, sides):
    parts = x, weight, shift = leaves(kernel, sides)
    ours = depthwise_conv(x, weight, shift, stride, padding)
    theirs = F.conv2d(x, weight, shift, stride, padding, groups=6)
    torch.testing.assert_close(ours, theirs)
    for found, expected in zip(gradients(ours, parts), gradients(theirs, parts), strict=True):
        torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(("kernel", "stride", "padding", "sides"), CASES)
def test_in_bfloat16_the_gradients_are_those_of_float32_but_for_rounding(kernel, stride, padding, sides):
    parts = x, weight, shift = leaves(kernel, sides)
    with torch.autocast("cpu", torch.bfloat16):
        ours = depthwise_conv(x, weight, shift, stride, padding)
    assert ours.dtype == torch.bfloat16
    theirs = F.conv2d(x, weight, shift, stride, padding, groups=6)
    for found, expected in zip(gradients(ours, parts), gradients(theirs, parts), strict=True):
        assert found.dtype == torch.float32
        assert (found - expected).norm() < 0.02 * expected.norm()


def test_what_needs_no_gradient_gets_none():
    x, weight, shift = leaves(5, (8, 8))
    depthwise_conv(x.detach(), weight, None, 1, 2).sum().backward()
    assert x.grad is None
    assert shift.grad is None
    assert weight.grad is not None


def test_learning_goes_this_way_and_prediction_goes_torch_s(monkeypatch):
    layer, seen = ConvNorm(6, 6, 5, groups=6), []
    monkeypatch.setattr("dlcli.nets.layers.depthwise_conv", lambda *args: seen.append(1) or depthwise_conv(*args))
    x = torch.randn(1, 6, 8, 8)
    learned = layer.eval()(x)
    with torch.inference_mode():
        predicted = layer(x)
    assert seen == [1]
    torch.testing.assert_close(learned, predicted)
    nn.Module.requires_grad_(layer, False)(x)
    assert seen == [1], "nothing is learned"
