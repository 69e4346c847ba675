"""The anchor head: for each anchor a score a class and four offsets."""

import math

import torch
from torch import Tensor, nn

from dlcli.nets.layers import ConvNorm


class Tower(nn.Module):
    """Separable convolutions whose kernels all levels share while each level keeps its own normalization.

    Sharing makes an object look the same at every scale; the statistics of the levels differ, so a shared
    normalization would fit none (EfficientDet, arXiv:1911.09070, does the same).
    """

    def __init__(self, channels: int, depth: int, levels: int, kernel: int = 5):
        super().__init__()
        towers = [_layers(channels, depth, kernel) for _ in range(levels)]
        for tower in towers[1:]:
            for layer, first in zip(tower, towers[0], strict=True):
                layer.conv.weight = first.conv.weight
        self.levels = nn.ModuleList(nn.Sequential(*tower) for tower in towers)

    def forward(self, x: Tensor, level: int) -> Tensor:
        """[B, channels, H, W] of this level -> the same shape."""
        return self.levels[level](x)


def _layers(channels: int, depth: int, kernel: int) -> list[ConvNorm]:
    """`depth` pairs of a depthwise convolution and a 1x1 one."""
    pairs = [
        (ConvNorm(channels, channels, kernel, groups=channels), ConvNorm(channels, channels)) for _ in range(depth)
    ]
    return [layer for pair in pairs for layer in pair]


class AnchorHead(nn.Module):
    """Levels of [B, channels, H_l, W_l] -> class logits [B, A, classes] and offsets [B, A, 4].

    A counts the anchors level by level, row by row, cell by cell, anchor by anchor: the order of
    ops.anchors.AnchorGrid.boxes.
    """

    def __init__(self, channels: int, depth: int, levels: int, anchors: int, classes: int):
        super().__init__()
        self.classes = classes
        self.class_tower = Tower(channels, depth, levels)
        self.box_tower = Tower(channels, depth, levels)
        self.class_out = nn.Conv2d(channels, anchors * classes, 1)
        self.box_out = nn.Conv2d(channels, anchors * 4, 1)
        nn.init.normal_(self.class_out.weight, std=0.01)
        nn.init.normal_(self.box_out.weight, std=0.01)
        nn.init.zeros_(self.box_out.bias)  # type: ignore[arg-type]
        # at the start every anchor says 1 %: without it the many background anchors drown the first steps
        nn.init.constant_(self.class_out.bias, -math.log((1 - 0.01) / 0.01))  # type: ignore[arg-type]

    def forward(self, levels: list[Tensor]) -> tuple[Tensor, Tensor]:
        logits, offsets = [], []
        for i, x in enumerate(levels):
            logits.append(by_anchor(self.class_out(self.class_tower(x, i)), self.classes))
            offsets.append(by_anchor(self.box_out(self.box_tower(x, i)), 4))
        return torch.cat(logits, 1), torch.cat(offsets, 1)


def by_anchor(x: Tensor, values: int) -> Tensor:
    """[B, K * values, H, W] -> [B, H * W * K, values]."""
    return x.permute(0, 2, 3, 1).reshape(x.shape[0], -1, values)
