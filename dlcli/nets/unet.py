"""U-Net (arXiv:1505.04597): narrow step by step, and back up with what each step saw."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcli.nets.efficientnet_lite import EfficientNetLite0
from dlcli.nets.layers import ConvNorm
from dlcli.nets.transposed_conv import BilinearTransposedConv

WIDTHS = (16, 32, 64, 128, 256)  # at strides 1, 2, 4, 8 and 16
LITE_TAPS = (0, 2, 4, 10, 15)  # blocks of the backbone at strides 2, 4, 8, 16 and 32
LITE_CHANNELS = (16, 24, 40, 112, 320)
LITE_WIDTHS = (16, 32, 48, 96)  # of the way back up, at strides 2, 4, 8 and 16


class Up(nn.Module):
    """[B, C, H, W] from below and [B, S, 2H, 2W] from the side -> [B, width, 2H, 2W]."""

    def __init__(self, below: int, side: int, width: int):
        super().__init__()
        self.narrow = ConvNorm(below, width)
        self.grow = BilinearTransposedConv(width, 2)
        self.mix = double_conv(width + side, width)

    def forward(self, x: Tensor, side: Tensor) -> Tensor:
        return self.mix(torch.cat([self.grow(self.narrow(x)), side], 1))


class UNet(nn.Module):
    """[B, 3, H, W], H and W multiples of 16 -> logits [B, classes, H, W].

    The plain network of the paper with a quarter of its width, normalized and padded so that sizes stay. It starts
    from nothing. 1.8 M parameters.
    """

    def __init__(self, classes: int):
        super().__init__()
        self.down = nn.ModuleList(double_conv(c, width) for c, width in zip((3, *WIDTHS), WIDTHS, strict=False))
        self.up = nn.ModuleList(_ups(WIDTHS[-1], WIDTHS[:-1], WIDTHS[:-1]))
        self.out = nn.Conv2d(WIDTHS[0], classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        sides = []
        for i, down in enumerate(self.down):
            x = down(F.max_pool2d(x, 2) if i else x)
            sides.append(x)
        return self.out(_back_up(self.up, sides))


class LiteUNet(nn.Module):
    """[B, 3, H, W], H and W multiples of 32 -> logits [B, classes, H/2, W/2].

    U-Net whose way down is EfficientNet-Lite0. 3.4 M parameters.
    """

    def __init__(self, classes: int):
        super().__init__()
        self.backbone = EfficientNetLite0()
        self.up = nn.ModuleList(_ups(LITE_CHANNELS[-1], LITE_CHANNELS[:-1], LITE_WIDTHS))
        self.out = nn.Conv2d(LITE_WIDTHS[0], classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(_back_up(self.up, self.backbone(x, LITE_TAPS)))


def double_conv(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(ConvNorm(inputs, outputs, 3), ConvNorm(outputs, outputs, 3))


def _ups(bottom: int, sides: tuple[int, ...], widths: tuple[int, ...]) -> list[Up]:
    """Coarse to fine; sides and widths are given fine to coarse."""
    found = []
    for side, width in zip(reversed(sides), reversed(widths), strict=True):
        found.append(Up(bottom, side, width))
        bottom = width
    return found


def _back_up(ups: nn.ModuleList, sides: list[Tensor]) -> Tensor:
    """sides: features fine to coarse; the last is where the way up begins."""
    x = sides[-1]
    for up, side in zip(ups, reversed(sides[:-1]), strict=True):
        x = up(x, side)
    return x
