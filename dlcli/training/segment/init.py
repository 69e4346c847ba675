"""Where a segmenter's weights start from: what every network can (training.start), and torchvision's from its cache."""

from torch import nn

from dlcli.errors import UsageError
from dlcli.nets.torchvision.segmenters import BACKBONE, SEGMENTER, TorchvisionSegmenter
from dlcli.training.init import IMAGENET, NONE, backbone_of, start_from
from dlcli.training.segment.options import AUTO


def start_segmenter(net: nn.Module, name: str) -> list[str]:
    """Set the weights that `--from` names; what starts anew all the same.

    MissingError or UsageError where there are no such weights; DataError where they cannot be read.
    """
    name = resolved_start(net, name)
    if isinstance(net, TorchvisionSegmenter) and name in (BACKBONE, SEGMENTER):
        return net.load(name)
    anew = start_from(net, name)
    if all(key in anew for key, value in net.state_dict().items() if value.ndim > 1):  # a bias may fit by chance
        raise UsageError(f"--from {name}: its weights fit no layer of this network; name weights of the same one")
    return anew


def resolved_start(net: nn.Module, name: str) -> str:
    """auto as imagenet, or as none for a network without a backbone that ImageNet's weights fit."""
    if name != AUTO:
        return name
    return IMAGENET if isinstance(net, TorchvisionSegmenter) or backbone_of(net) is not None else NONE
