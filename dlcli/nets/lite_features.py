"""What EfficientNet-Lite0 sees in an image at several scales; style losses compare it, encoders read styles in it."""

from typing import cast

import torch
from torch import Tensor, nn

from dlcli.nets.efficientnet_lite import EfficientNetLite0, InvertedResidual

STEM = -1  # the tap before the blocks
TAPS = (STEM, 0, 1, 3, 5, 8)  # the expanded, depthwise activations of these blocks, at strides 2, 2, 4, 8, 16 and 16
CHANNELS = (32, 32, 96, 144, 240, 480)  # of each
CONTENT_TAPS = (3, 5)


class LiteFeatures(nn.Module):
    """EfficientNet-Lite0's depthwise activations: six layers of 32, 32, 96, 144, 240 and 480 channels.

    The wide activations within the blocks, not the narrow outputs of them: those have no rectifier, and are too few
    to hold a texture. Its weights do not move; gradients reach the image.
    """

    style_layers = tuple(range(len(TAPS)))
    content_layers = tuple(TAPS.index(tap) for tap in CONTENT_TAPS)
    smallest = 16
    bytes_per_pixel = 2000

    def __init__(self, backbone: EfficientNetLite0):
        super().__init__()
        self.stem = backbone.stem
        self.blocks = nn.ModuleList(list(backbone.blocks)[: TAPS[-1] + 1])
        self.eval().requires_grad_(False).to(memory_format=torch.channels_last)

    def train(self, mode: bool = True) -> "LiteFeatures":
        """Stays in evaluation mode, whatever the network around it is set to."""
        return super().train(False)

    def of(self, image: Tensor, layers: int = len(TAPS)) -> list[Tensor]:
        """float32 [B, 3, H, W], RGB in [0, 1] -> the first `layers` activations [B, C, H', W'], shallow to deep."""
        x = self.stem((image * 255 - 127) / 128)
        found = [x]
        for number, block in enumerate(cast("list[InvertedResidual]", self.blocks)):
            if len(found) == layers:
                break
            wide = block.depthwise(block.expand(x))
            if number in TAPS:
                found.append(wide)
            if len(found) < layers:
                x = x + block.project(wide) if block.residual else block.project(wide)
        return found
