"""Fully convolutional networks (FCN, arXiv:1411.4038) over EfficientNet-Lite0."""

from torch import Tensor, nn

from dlcli.nets.efficientnet_lite import TAP_CHANNELS, EfficientNetLite0
from dlcli.nets.transposed_conv import BilinearTransposedConv

LEVELS = {32: 1, 16: 2, 8: 3}  # stride of the finest features used -> how many of the three levels that is


class Fcn(nn.Module):
    """[B, 3, H, W], H and W multiples of 32 -> logits [B, classes, H, W].

    A 1x1 convolution scores the coarsest features; stride 32 enlarges that at once, 16 and 8 enlarge it by two, add
    the scores of the next finer features, and enlarge the sum. Every enlargement is learned. 3.0 M parameters.
    """

    def __init__(self, classes: int, stride: int):
        super().__init__()
        used = LEVELS[stride]
        self.backbone = EfficientNetLite0()
        self.score = nn.ModuleList(nn.Conv2d(c, classes, 1) for c in reversed(TAP_CHANNELS[-used:]))  # coarse to fine
        self.grow = nn.ModuleList(BilinearTransposedConv(classes, 2) for _ in range(used - 1))
        self.enlarge = BilinearTransposedConv(classes, stride)
        for layer in self.score[1:]:  # the finer scores start at nothing, as in the paper: they only refine
            nn.init.zeros_(layer.weight)  # type: ignore[arg-type]
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]

    def forward(self, x: Tensor) -> Tensor:
        coarse_to_fine = self.backbone(x)[::-1]
        y = self.score[0](coarse_to_fine[0])
        for grow, score, features in zip(self.grow, self.score[1:], coarse_to_fine[1:], strict=False):
            y = grow(y) + score(features)
        return self.enlarge(y)
