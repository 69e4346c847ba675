"""Perceptual features: what a trained network sees in an image, at several scales. Here EfficientNet-Lite0's."""

from pathlib import Path
from typing import Protocol, cast

import torch
from torch import Tensor, nn

from dlcli.nets.efficientnet_lite import EfficientNetLite0, EfficientNetLite0Classifier, InvertedResidual
from dlcli.nets.weights import load_weights

STEM = -1  # the tap before the blocks
TAPS = (STEM, 0, 1, 3, 5, 8)  # the expanded, depthwise activations of these blocks, at strides 2, 2, 4, 8, 16 and 16
CONTENT_TAPS = (3, 5)


class Features(Protocol):
    """A network whose activations are compared. Its weights do not move, gradients reach the image.

    style_layers, content_layers: which of the activations that `of` returns each loss compares.
    smallest: pixels a side below which it sees nothing. bytes_per_pixel: what an optimization takes for a pixel,
    measured by its peak memory at two sizes, with some room.
    """

    style_layers: tuple[int, ...]
    content_layers: tuple[int, ...]
    smallest: int
    bytes_per_pixel: int

    def of(self, image: Tensor) -> list[Tensor]:
        """float32 [B, 3, H, W], RGB in [0, 1] -> activations [B, C, H', W'], shallow to deep."""


class LiteFeatures(nn.Module):
    """EfficientNet-Lite0's depthwise activations: six layers of 32, 32, 96, 144, 240 and 480 channels.

    The wide activations within the blocks, not the narrow outputs of them: those have no rectifier, and are too few
    to hold a texture.
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

    def of(self, image: Tensor) -> list[Tensor]:
        x = self.stem((image * 255 - 127) / 128)
        found = [x]
        for number, block in enumerate(cast("list[InvertedResidual]", self.blocks)):
            wide = block.depthwise(block.expand(x))
            if number in TAPS:
                found.append(wide)
            if len(found) < len(TAPS):
                x = x + block.project(wide) if block.residual else block.project(wide)
        return found


def load_lite_features(weights: Path) -> LiteFeatures:
    """The features from a .safetensors file of an EfficientNetLite0Classifier. DataError: the file does not fit."""
    net = EfficientNetLite0Classifier()
    load_weights(weights, net)
    return LiteFeatures(net.backbone)


def gram(features: Tensor) -> Tensor:
    """G_ij = sum over the places of f_i f_j, divided by c * h * w (arXiv:1603.08155, formula 3).

    [B, C, H, W] -> [B, C, C], symmetric.
    """
    batch, channels, height, width = features.shape
    flat = features.reshape(batch, channels, height * width)
    return flat @ flat.transpose(1, 2) / (channels * height * width)
