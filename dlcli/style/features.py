"""Perceptual features: what a trained network sees in an image, at several scales."""

from pathlib import Path
from typing import Protocol

from torch import Tensor

from dlcli.nets.efficientnet_lite import EfficientNetLite0Classifier
from dlcli.nets.lite_features import LiteFeatures
from dlcli.nets.weights import load_weights


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
