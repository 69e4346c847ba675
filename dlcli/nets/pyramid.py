"""A light feature pyramid: coarse features go down to the fine ones, then fine ones up again."""

import torch.nn.functional as F
from torch import Tensor, nn

from dlcli.nets.layers import ConvNorm, separable


class Pyramid(nn.Module):
    """FPN (arXiv:1612.03144) with PANet's way back (arXiv:1803.01534), in depthwise-separable convolutions.

    Features at strides 8, 16, 32 -> four levels at strides 8, 16, 32, 64, each [B, channels, H/stride, W/stride].
    H and W are multiples of 64.
    """

    def __init__(self, inputs: tuple[int, ...], channels: int):
        super().__init__()
        self.lateral = nn.ModuleList(ConvNorm(c, channels, activation=False) for c in inputs)
        self.down = nn.ModuleList(separable(channels, channels, 5) for _ in inputs[:-1])
        self.shrink = nn.ModuleList(separable(channels, channels, 5, stride=2) for _ in inputs)
        self.up = nn.ModuleList(separable(channels, channels, 5) for _ in inputs[:-1])

    def forward(self, features: list[Tensor]) -> list[Tensor]:
        levels = [lateral(x) for lateral, x in zip(self.lateral, features, strict=True)]
        for i in range(len(levels) - 2, -1, -1):  # coarse to fine
            levels[i] = self.down[i](levels[i] + F.interpolate(levels[i + 1], scale_factor=2.0, mode="nearest"))
        for i in range(1, len(levels)):  # fine to coarse
            levels[i] = self.up[i - 1](levels[i] + self.shrink[i - 1](levels[i - 1]))
        return [*levels, self.shrink[-1](levels[-1])]
