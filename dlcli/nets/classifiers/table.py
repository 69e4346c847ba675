"""The classifiers that are written out here, by name. Light: a network is imported when it is built.

Each has as many parameters as its paper, or torchvision, counts with 1,000 classes.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

from dlcli.frozen import dataclass


@dataclass(frozen=True)
class Network:
    """A classifier by name.

    summary: a line for people.
    parameters: with 1,000 classes and images of 224 pixels.
    build: "module:function or class" below this package.
    arguments: for it, after the number of classes.
    twin: the same network in torchvision, whose weights it can take; "" where there is none.
    step: sides of the input are multiples of it; 0: any side.
    fixed: the weights belong to one side of the input, which the network is built for.
    """

    summary: str
    parameters: int
    build: str
    arguments: dict[str, Any]
    twin: str = ""
    step: int = 0
    fixed: bool = False

    def new(self, classes: int, side: int) -> Any:
        """A torch Module, in its random start: [B, 3, side, side] -> logits [B, classes]."""
        module, _, name = self.build.partition(":")
        make: Callable[..., Any] = getattr(import_module(f"{__package__}.{module}"), name)
        return make(classes, **self.arguments, **({"side": side} if self.fixed else {}))


def _resnet(depth: int, block: str, depths: tuple[int, ...], parameters: int) -> dict[str, Network]:
    summary = f"Residual network of {depth} layers, {block} blocks (arXiv:1512.03385)"
    arguments = {"block": block, "depths": depths}
    return {f"resnet{depth}": Network(summary, parameters, "resnet:resnet", arguments, f"resnet{depth}")}


def _vit(name: str, patch: int, widths: tuple[int, int, int], parameters: int, twin: str = "") -> dict[str, Network]:
    channels, heads, depth = widths
    summary = f"Vision Transformer, patches of {patch} pixels, {depth} blocks of {channels} (arXiv:2010.11929)"
    arguments = {"patch": patch, "channels": channels, "heads": heads, "depth": depth}
    return {name: Network(summary, parameters, "vit:VisionTransformer", arguments, twin, patch, fixed=True)}


def _swin(name: str, channels: int, deep: int, parameters: int) -> dict[str, Network]:
    summary = f"Swin Transformer, shifted windows, from {channels} channels (arXiv:2103.14030)"
    heads = tuple(channels // 32 * 2**i for i in range(4))
    arguments = {"channels": channels, "depths": (2, 2, deep, 2), "heads": heads}
    return {name: Network(summary, parameters, "swin:Swin", arguments, name.replace("-", "_"), 4)}


NETWORKS: dict[str, Network] = {
    "nin": Network("Network in Network (arXiv:1312.4400)", 3992136, "nin:NiN", {}),
    "googlenet": Network(
        "GoogLeNet: Inception blocks (arXiv:1409.4842)", 6624904, "googlenet:GoogLeNet", {}, "googlenet"
    ),
    **_resnet(18, "basic", (2, 2, 2, 2), 11689512),
    **_resnet(34, "basic", (3, 4, 6, 3), 21797672),
    **_resnet(50, "bottleneck", (3, 4, 6, 3), 25557032),
    **_resnet(101, "bottleneck", (3, 4, 23, 3), 44549160),
    **_resnet(152, "bottleneck", (3, 8, 36, 3), 60192808),
    "stn": Network(
        "Spatial transformer before a small network (arXiv:1506.02025)", 676926, "spatial_transformer:StnClassifier", {}
    ),
    **_vit("vit-micro", 8, (128, 4, 6), 1444200),
    **_vit("vit-tiny", 16, (192, 3, 12), 5717416),
    **_vit("vit-b16", 16, (768, 12, 12), 86567656, "vit_b_16"),
    **_vit("vit-b32", 32, (768, 12, 12), 88224232, "vit_b_32"),
    **_swin("swin-t", 96, 6, 28288354),
    **_swin("swin-s", 96, 18, 49606258),
    **_swin("swin-b", 128, 18, 87768224),
}
