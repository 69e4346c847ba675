"""Where a segmenter's weights start from: what every network can (training/init.py), and the caches of libraries."""

from torch import nn

from dlcli.errors import UsageError
from dlcli.nets.libraries.smp_segmenters import SmpSegmenter
from dlcli.nets.torchvision.segmenters import BACKBONE, SEGMENTER, TorchvisionSegmenter
from dlcli.training.init import IMAGENET, NONE, backbone_of, load_pretrained
from dlcli.training.segment.options import AUTO


def start_segmenter(net: nn.Module, name: str) -> list[str]:
    """Set the weights that `--from` names; the tensors reinitialized.

    MissingError or UsageError where there are no such weights; DataError where they cannot be read.
    """
    name = resolved_start(net, name)
    if isinstance(net, TorchvisionSegmenter | SmpSegmenter) and name in (BACKBONE, SEGMENTER):
        return net.load(name)
    reinitialized = load_pretrained(net, name)
    if all(
        key in reinitialized for key, value in net.state_dict().items() if value.ndim > 1
    ):  # a bias may fit by chance
        raise UsageError(f"--from {name}: its weights fit no layer of this network; name weights of the same one")
    return reinitialized


def resolved_start(net: nn.Module, name: str) -> str:
    """auto as imagenet, or as none for a network without a backbone that ImageNet's weights fit."""
    if name != AUTO:
        return name
    return IMAGENET if isinstance(net, TorchvisionSegmenter | SmpSegmenter) or backbone_of(net) is not None else NONE


def pretrained_part(net: nn.Module, name: str) -> nn.Module | None:
    """What learns at --backbone-lr: the backbone, a library's too where it starts from weights."""
    if isinstance(net, SmpSegmenter) and resolved_start(net, name) != NONE:
        return net.net.encoder
    if isinstance(net, TorchvisionSegmenter) and resolved_start(net, name) != NONE:
        return net.net.backbone
    return backbone_of(net)
