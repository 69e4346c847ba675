"""The bundled segmenter: EfficientNet-Lite0 and a light decoder that goes back up to stride 4."""

import torch.nn.functional as F
from torch import Tensor, nn

from dlcli.nets.efficientnet_lite import EfficientNetLite0
from dlcli.nets.layers import ConvNorm, separable

TAPS = (2, 4, 10, 15)  # the last block at strides 4, 8, 16 and 32
CHANNELS = (24, 40, 112, 320)
WIDTHS = (64, 128, 128, 128)  # of the decoder at the same strides
STRIDE = 4  # pixels of the input that one logit stands for


class Context(nn.Module):
    """Adds to every cell what the whole image shows: [B, C, H, W] -> the same (ParseNet, arXiv:1506.04579)."""

    def __init__(self, channels: int):
        super().__init__()
        self.mix = nn.Conv2d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu6(x + self.mix(x.mean((2, 3), keepdim=True)))


class LightSegmenter(nn.Module):
    """[B, 3, H, W], H and W multiples of 32 -> logits [B, classes, H/4, W/4].

    Coarse features go down to the fine ones as in U-Net (arXiv:1505.04597), but added instead of stacked and with
    depthwise-separable convolutions (DeepLabv3+, arXiv:1802.02611). 3.1 M parameters.
    """

    def __init__(self, classes: int, dropout: float = 0.1):
        super().__init__()
        self.backbone = EfficientNetLite0()
        self.lateral = nn.ModuleList(
            ConvNorm(c, width, activation=False) for c, width in zip(CHANNELS, WIDTHS, strict=True)
        )
        self.context = Context(WIDTHS[-1])
        self.coarsest = separable(WIDTHS[-1], WIDTHS[-1], 5)
        steps = zip(WIDTHS[1:], WIDTHS[:-1], strict=True)
        self.narrow = nn.ModuleList(
            ConvNorm(above, width, activation=False) if above != width else nn.Identity() for above, width in steps
        )
        self.merge = nn.ModuleList(separable(width, width, 5) for width in WIDTHS[:-1])
        self.dropout = nn.Dropout2d(dropout)
        self.out = nn.Conv2d(WIDTHS[0], classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        features = self.backbone(x, TAPS)
        x = self.coarsest(self.context(self.lateral[-1](features[-1])))
        for i in range(len(WIDTHS) - 2, -1, -1):  # coarse to fine
            wider = F.interpolate(self.narrow[i](x), scale_factor=2.0, mode="bilinear", align_corners=False)
            x = self.merge[i](wider + self.lateral[i](features[i]))
        return self.out(self.dropout(x))
