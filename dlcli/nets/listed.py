"""What `dlcli models networks` lists: every network that is written out here, by the name that `--net` takes. Light."""

from dataclasses import dataclass

from dlcli.nets.classifiers.table import NETWORKS


@dataclass(frozen=True)
class Listed:
    """parameters: of a classifier of 1,000 classes, a segmenter of 21 or a detector of 20."""

    task: str
    name: str
    parameters: int
    summary: str


def listed_networks() -> list[Listed]:
    """The default of each task first."""
    lite0 = Listed("classify", "lite0", 4652008, "EfficientNet-Lite0, the default (arXiv:1905.11946)")
    by_name = [Listed("classify", name, net.parameters, net.summary) for name, net in NETWORKS.items()]
    return [*DETECTORS, lite0, *by_name, *SEGMENTERS]


DETECTORS = (
    Listed("detect", "anchor", 3265808, "EfficientNet-Lite0, pyramid and anchors, the default (arXiv:1708.02002)"),
    Listed("detect", "fast-rcnn", 4943913, "The same, and regions pooled and classified again (arXiv:1504.08083)"),
)
SEGMENTERS = (
    Listed("segment", "light", 3114133, "EfficientNet-Lite0 and a light decoder, the default (arXiv:1802.02611)"),
    Listed("segment", "unet", 1816437, "U-Net of plain convolutions (arXiv:1505.04597)"),
    Listed("segment", "unet-lite0", 3354469, "U-Net on EfficientNet-Lite0"),
    Listed("segment", "fcn32s", 3051605, "Fully convolutional, from stride 32 in one step (arXiv:1411.4038)"),
    Listed("segment", "fcn16s", 2989802, "The same, by way of stride 16"),
    Listed("segment", "fcn8s", 2974871, "The same, by way of strides 16 and 8"),
)
