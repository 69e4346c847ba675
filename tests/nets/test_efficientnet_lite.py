"""The backbone and its ImageNet weights."""

from pathlib import Path

import cv2
import pytest
import torch

from dlcli.imaging.reader import read_image
from dlcli.nets.efficientnet_lite import TAP_CHANNELS, EfficientNetLite0, load_imagenet, our_name
from dlcli.records import Source

SAMPLES = Path(__file__).parents[2] / "sample_data"


@pytest.fixture(scope="module")
def imagenet():
    return load_imagenet().eval()


def test_features_have_strides_8_16_and_32():
    taps = EfficientNetLite0().eval()(torch.zeros(1, 3, 64, 96))
    assert [tuple(x.shape) for x in taps] == [
        (1, channels, 64 // stride, 96 // stride) for channels, stride in zip(TAP_CHANNELS, (8, 16, 32), strict=True)
    ]


def test_early_stages_are_the_stem_and_then_blocks():
    net = EfficientNetLite0()
    assert net.early(0) == []
    assert net.early(1) == [net.stem]
    assert net.early(4) == [net.stem, net.blocks[0], net.blocks[1], net.blocks[2]]
    assert len(net.early(17)) == 17


def test_sizes_are_as_documented(imagenet):
    """4.7 M is what the EfficientNet-Lite0 release states."""
    assert round(sum(p.numel() for p in imagenet.parameters()) / 1e6, 1) == 4.7
    assert round(sum(p.numel() for p in imagenet.backbone.parameters()) / 1e6, 1) == 3.0


@pytest.mark.parametrize(
    ("image", "classes"),
    [("cat.jpg", range(281, 286)), ("coffee.jpg", (967,)), ("rocket.jpg", (657, 744))],
    ids=["a cat", "espresso", "a missile or projectile"],
)
@torch.inference_mode()
def test_the_weights_name_images(imagenet, image, classes):
    path = SAMPLES / image
    pixels = read_image(Source.of_file(path)).pixels
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = cv2.resize(pixels[top : top + side, left : left + side], (224, 224), interpolation=cv2.INTER_AREA)
    x = (torch.from_numpy(square).permute(2, 0, 1)[None].float() - 127) / 128
    assert int(imagenet(x).argmax()) in classes


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("_conv_stem.weight", "backbone.stem.conv.weight"),
        ("_bn0.bias", "backbone.stem.norm.bias"),
        ("_blocks.0._depthwise_conv.weight", "backbone.blocks.0.depthwise.conv.weight"),
        ("_blocks.3._bn0.running_var", "backbone.blocks.3.expand.norm.running_var"),
        ("_blocks.3._bn2.weight", "backbone.blocks.3.project.norm.weight"),
        ("_conv_head.weight", "head.conv.weight"),
        ("_fc.bias", "linear.bias"),
    ],
)
def test_names_are_translated(theirs, ours):
    assert our_name(theirs) == ours
