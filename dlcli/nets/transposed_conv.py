"""Transposed convolution that starts as bilinear enlargement: the way back to an image's size in FCN and U-Net."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class BilinearTransposedConv(nn.Module):
    """[B, C, H, W] -> [B, C, H * factor, W * factor]: one kernel a channel, learned from a bilinear start.

    A transposed convolution lays its kernel, times each input value, down every `stride` pixels, adds up what overlaps
    and cuts `padding` off each edge: (H - 1) * stride - 2 * padding + kernel rows. Here stride = factor, kernel =
    2 * factor and padding = factor / 2, which makes H * factor. factor: even.
    """

    def __init__(self, channels: int, factor: int):
        super().__init__()
        if factor < 2 or factor % 2:
            raise ValueError(f"factor: expected an even number of 2 or more, got {factor}")
        self.factor = factor
        self.weight = nn.Parameter(bilinear_kernel(factor).repeat(channels, 1, 1, 1))  # [C, 1, 2 factor, 2 factor]

    def forward(self, x: Tensor) -> Tensor:
        stride, padding = self.factor, self.factor // 2
        return F.conv_transpose2d(x, self.weight, stride=stride, padding=padding, groups=len(self.weight))


def bilinear_kernel(factor: int) -> Tensor:
    """float32 [2 factor, 2 factor]: a tent of height 1 whose middle lies between the two middle pixels.

    Each output pixel sums the inputs within one input pixel of it, weighted by 1 - distance (FCN, arXiv:1411.4038).
    """
    offset = (torch.arange(2 * factor) + 0.5) / factor - 1  # of each tap from the middle, in input pixels
    tent = 1 - offset.abs()
    return torch.outer(tent, tent)


def as_convolution(x: Tensor, weight: Tensor, stride: int, padding: int) -> Tensor:
    """The same transposed convolution as an ordinary one: [B, C, H, W], weight [C, 1, k, k] -> [B, C, H', W'].

    The input is spread, stride - 1 zeros between neighbors, and padded by k - 1 - padding zeros all around; the kernel
    is turned by 180 degrees and moves one pixel at a time. H' = (H - 1) * stride - 2 * padding + k. For runtimes
    without a transposed convolution, and to see what one is; padding is at most k - 1.
    """
    b, c, h, w = x.shape
    spread = x.new_zeros(b, c, (h - 1) * stride + 1, (w - 1) * stride + 1)
    spread[:, :, ::stride, ::stride] = x
    around = weight.shape[-1] - 1 - padding
    return F.conv2d(F.pad(spread, [around] * 4), weight.flip(2, 3), groups=c)
