"""From a model card to the segmenter that it describes."""

from collections.abc import Callable

import torch
from torch import nn

from dlcli.card import ModelCard
from dlcli.errors import DataError, UsageError
from dlcli.nets.fcn import Fcn
from dlcli.nets.libraries import smp_segmenters
from dlcli.nets.libraries.smp_segmenters import SmpSegmenter, check_smp_name, check_smp_side
from dlcli.nets.light_segmenter import LightSegmenter
from dlcli.nets.torchvision.classifiers import PREFIX
from dlcli.nets.torchvision.segmenters import TorchvisionSegmenter, check_segmenter_name, segmenter_names
from dlcli.nets.unet import LiteUNet, UNet

LIGHT = "light"
NET = "net"  # a card's decoding names the network by it; without it the network is LIGHT
OWN: dict[str, Callable[[int], nn.Module]] = {
    LIGHT: LightSegmenter,
    "unet": UNet,
    "unet-lite0": LiteUNet,
    "fcn32s": lambda classes: Fcn(classes, 32),
    "fcn16s": lambda classes: Fcn(classes, 16),
    "fcn8s": lambda classes: Fcn(classes, 8),
}


def build_segmenter(card: ModelCard) -> nn.Module:
    """The network of a segmenter's card, in its random start: [B, 3, h, w] -> logits [B, labels, h / s, w / s].

    The card's decoding holds {"net": a name for `segmenter_network`, "stride": s}. DataError: a network that this
    version does not know.
    """
    name = card.decoding.get(NET, LIGHT)
    try:
        return segmenter_network(str(name), len(card.labels))
    except UsageError as error:
        raise DataError(f"{card.name}: its network {name} is not known to this version: {error}") from error


def segmenter_network(name: str, classes: int) -> nn.Module:
    """[B, 3, h, w], h and w multiples of 32 -> logits [B, classes, h / s, w / s]. UsageError: no such network."""
    check_network_name(name)
    if name in OWN:
        return OWN[name](classes)
    if smp_name(name):
        return SmpSegmenter(smp_name(name), classes)
    return TorchvisionSegmenter(name.removeprefix(PREFIX), classes)


def smp_name(name: str) -> str:
    """smp's name of a network that is called smp/ARCH-ENCODER; "" for any other."""
    return name.removeprefix(smp_segmenters.PREFIX) if name.startswith(smp_segmenters.PREFIX) else ""


def check_network_name(name: str) -> None:
    """UsageError where there is no such network; it lists those that are."""
    if name.startswith(PREFIX):
        check_segmenter_name(name.removeprefix(PREFIX))
    elif name.startswith(smp_segmenters.PREFIX):
        check_smp_name(smp_name(name))
    elif name not in OWN:
        others = ", ".join(PREFIX + word for word in segmenter_names())
        raise UsageError(f"--net {name}: expected one of {', '.join(OWN)}, {others}, or smp/ARCH-ENCODER")


def check_side(name: str, side: int) -> None:
    """UsageError where a network of smp does not take images of this side; the others take any multiple of 32."""
    if smp_name(name):
        check_smp_side(smp_name(name), side)


def normalizes_one_cell(name: str) -> bool:
    """Whether it pools the whole image into one cell and normalizes that, which needs two images a step."""
    architecture = smp_name(name).partition("-")[0]
    return "/deeplab" in name or architecture in smp_segmenters.POOLING


def stride_of(net: nn.Module) -> int:
    """Pixels of the input that one logit of the network stands for, along one side."""
    if isinstance(net, SmpSegmenter):
        return 1
    side = 64
    was_training = net.training
    net.eval()
    with torch.inference_mode():
        logits = net(torch.zeros(1, 3, side, side))
    net.train(was_training)
    return side // logits.shape[-1]
