"""The convolution with its normalization: padding, and the normalization folded into the kernel."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcli.nets.layers import ConvNorm, freeze_norms, same_padding, separable


def randomized(layer):
    """With statistics that are not those of the start."""
    for value in (layer.norm.weight, layer.norm.bias, layer.norm.running_mean):
        torch.nn.init.normal_(value)
    torch.nn.init.uniform_(layer.norm.running_var, 0.5, 2)
    return layer


@settings(deadline=None)
@given(st.integers(1, 300), st.sampled_from([1, 3, 5]), st.sampled_from([1, 2]))
def test_same_padding_gives_the_rounded_up_size(size, kernel, stride):
    before, after = same_padding(size, kernel, stride)
    assert (size + before + after - kernel) // stride + 1 == -(-size // stride)
    assert after - before in (0, 1), "TensorFlow puts the odd pixel at the end"


@pytest.mark.parametrize(("kernel", "stride", "groups"), [(1, 1, 1), (3, 1, 4), (3, 2, 1), (5, 2, 4)])
@pytest.mark.parametrize("activation", [True, False])
def test_folded_and_unfolded_agree(kernel, stride, groups, activation):
    torch.manual_seed(0)
    layer = randomized(ConvNorm(4, 8, kernel, stride, groups, activation)).eval()
    x = torch.randn(2, 4, 9, 12)
    plain = layer.norm(layer.conv(layer.pad(x)))
    expected = plain.clamp(0, 6) if activation else plain
    torch.testing.assert_close(layer(x), expected, atol=1e-5, rtol=1e-5)
    assert layer(x).shape == (2, 8, -(-9 // stride), -(-12 // stride))


def test_folded_gradients_agree_with_unfolded():
    torch.manual_seed(0)
    layer = randomized(ConvNorm(4, 8, 3, activation=False)).eval()
    x = torch.randn(2, 4, 6, 6)
    weights = (layer.conv.weight, layer.norm.weight, layer.norm.bias)
    folded = torch.autograd.grad(layer(x).square().sum(), weights)
    plain = torch.autograd.grad(layer.norm(layer.conv(x)).square().sum(), weights)
    for ours, theirs in zip(folded, plain, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-3, rtol=1e-3)


def test_frozen_norms_keep_their_statistics():
    pair = separable(3, 5)
    pair.train()
    freeze_norms(pair)
    before = [value.clone() for value in pair.buffers()]
    pair(torch.randn(2, 3, 8, 8))
    assert all(torch.equal(a, b) for a, b in zip(before, pair.buffers(), strict=True))
    assert pair.training
