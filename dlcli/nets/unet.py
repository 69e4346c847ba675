"""U-Net (arXiv:1505.04597): narrow step by step, and back up with what each step saw."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcli.nets.efficientnet_lite import EfficientNetLite0
from dlcli.nets.layers import ConvNorm
from dlcli.nets.transposed_conv import BilinearTransposedConv

WIDTHS = (16, 32, 64, 128, 256)  # at strides 1, 2, 4, 8 and 16
GROUPS = 8  # of the channels of a layer, each normalized by itself
LITE_TAPS = (0, 2, 4, 10, 15)  # blocks of the backbone at strides 2, 4, 8, 16 and 32
LITE_CHANNELS = (16, 24, 40, 112, 320)
LITE_WIDTHS = (16, 32, 48, 96)  # of the way back up, at strides 2, 4, 8 and 16


class ConvGroupNorm(nn.Module):
    """Convolution, group normalization (arXiv:1803.08494) and ReLU: [B, C, H, W] -> [B, C', H, W].

    A network that starts from nothing moves fast, and the running statistics of batch normalization lag behind: learned
    with those of its batches, it was wrong with the running ones for most of a short run. Groups of an image's own
    channels have no such memory.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int = 1):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        self.norm = nn.GroupNorm(GROUPS, outputs)
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity="relu")

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.norm(self.conv(x)))


Block = Callable[..., nn.Module]  # (inputs, outputs, kernel)


class Up(nn.Module):
    """[B, C, H, W] from below and [B, S, 2H, 2W] from the side -> [B, width, 2H, 2W]."""

    def __init__(self, below: int, side: int, width: int, block: Block):
        super().__init__()
        self.narrow = block(below, width)
        self.grow = BilinearTransposedConv(width, 2)
        self.mix = double_conv(width + side, width, block)

    def forward(self, x: Tensor, side: Tensor) -> Tensor:
        return self.mix(torch.cat([self.grow(self.narrow(x)), side], 1))


class UNet(nn.Module):
    """[B, 3, H, W], H and W multiples of 16 -> logits [B, classes, H, W].

    The plain network of the paper with a quarter of its width, normalized and padded so that sizes stay. It starts
    from nothing. 1.8 M parameters.
    """

    def __init__(self, classes: int):
        super().__init__()
        steps = zip((3, *WIDTHS), WIDTHS, strict=False)
        self.down = nn.ModuleList(double_conv(inputs, width, ConvGroupNorm) for inputs, width in steps)
        self.up = nn.ModuleList(_ups(WIDTHS[-1], WIDTHS[:-1], WIDTHS[:-1], ConvGroupNorm))
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
        self.up = nn.ModuleList(_ups(LITE_CHANNELS[-1], LITE_CHANNELS[:-1], LITE_WIDTHS, ConvNorm))
        self.out = nn.Conv2d(LITE_WIDTHS[0], classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.out(_back_up(self.up, self.backbone(x, LITE_TAPS)))


def double_conv(inputs: int, outputs: int, block: Block) -> nn.Sequential:
    return nn.Sequential(block(inputs, outputs, 3), block(outputs, outputs, 3))


def _ups(bottom: int, sides: tuple[int, ...], widths: tuple[int, ...], block: Block) -> list[Up]:
    """Coarse to fine; sides and widths are given fine to coarse."""
    found = []
    for side, width in zip(reversed(sides), reversed(widths), strict=True):
        found.append(Up(bottom, side, width, block))
        bottom = width
    return found


def _back_up(ups: nn.ModuleList, sides: list[Tensor]) -> Tensor:
    """sides: features fine to coarse; the last is where the way up begins."""
    x = sides[-1]
    for up, side in zip(ups, reversed(sides[:-1]), strict=True):
        x = up(x, side)
    return x
