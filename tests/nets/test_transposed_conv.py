"""Transposed convolution against a slow loop, an ordinary convolution and F.interpolate."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlcli.nets.transposed_conv import BilinearTransposedConv, as_convolution, bilinear_kernel


def slow(x, weight, stride, padding):
    """Lay the kernel down at each input pixel, add up, cut the padding off. x [C, H, W], weight [C, k, k]."""
    c, h, w = x.shape
    k = weight.shape[-1]
    out = np.zeros((c, (h - 1) * stride + k, (w - 1) * stride + k))
    for channel, row, column in np.ndindex(c, h, w):
        top, left = row * stride, column * stride
        out[channel, top : top + k, left : left + k] += x[channel, row, column] * weight[channel]
    return out[:, padding : out.shape[1] - padding, padding : out.shape[2] - padding]


@pytest.mark.parametrize("factor", [2, 4, 8])
def test_the_layer_is_the_slow_loop(factor):
    torch.manual_seed(0)
    layer = BilinearTransposedConv(3, factor).double()
    torch.nn.init.normal_(layer.weight)
    x = torch.randn(2, 3, 4, 5, dtype=torch.float64)
    found = layer(x).detach().numpy()
    assert found.shape == (2, 3, 4 * factor, 5 * factor)
    weight = layer.weight.detach().numpy()[:, 0]
    for image, expected in zip(found, x.numpy(), strict=True):
        assert np.allclose(image, slow(expected, weight, factor, factor // 2))


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 1, 0), (4, 2, 1), (3, 2, 1), (5, 3, 2), (2, 4, 0)])
def test_it_is_an_ordinary_convolution_of_the_spread_and_padded_input(kernel, stride, padding):
    torch.manual_seed(0)
    x, weight = torch.randn(2, 3, 4, 5).double(), torch.randn(3, 1, kernel, kernel).double()
    found = as_convolution(x, weight, stride, padding)
    assert found.shape[2:] == tuple((side - 1) * stride - 2 * padding + kernel for side in (4, 5))
    assert torch.allclose(found, F.conv_transpose2d(x, weight, stride=stride, padding=padding, groups=3))
    assert np.allclose(found[0].numpy(), slow(x[0].numpy(), weight[:, 0].numpy(), stride, padding))


@pytest.mark.parametrize("factor", [2, 8, 16, 32])
def test_it_starts_as_bilinear_enlargement(factor):
    """Inside; at the rim F.interpolate repeats the edge, where a transposed convolution fades."""
    x = torch.rand(1, 2, 5, 6)
    found = BilinearTransposedConv(2, factor)(x).detach()
    expected = F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)
    rim = factor // 2
    inside = (..., slice(rim, -rim), slice(rim, -rim))
    assert found.shape == expected.shape
    assert torch.allclose(found[inside], expected[inside], atol=1e-5)


def test_the_kernels_overlap_to_one():
    """Each output pixel between inputs is a mean of them: the taps that meet there add up to 1."""
    kernel = bilinear_kernel(4)
    assert torch.allclose(sum(kernel[i::4, j::4].sum() for i in range(1) for j in range(1)), torch.tensor(1.0))
    assert torch.allclose(kernel, kernel.flip(0).T)


@pytest.mark.parametrize("factor", [0, 1, 3])
def test_an_odd_factor_is_refused(factor):
    with pytest.raises(ValueError, match=f"expected an even number of 2 or more, got {factor}"):
        BilinearTransposedConv(1, factor)
