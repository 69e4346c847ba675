"""torchvision's segmentation networks by name, and their weights where torch's cache holds them.

Nothing is fetched: a training reads what is on the disk. torchvision loads when asked.
"""

import difflib
from pathlib import Path
from urllib.parse import urlparse

import torch
from torch import Tensor, nn

from dlcli.errors import DataError, MissingError, UsageError
from dlcli.nets.torchvision.classifiers import PREFIX

BACKBONES = {"resnet50": "ResNet50_Weights", "resnet101": "ResNet101_Weights"}
SMALL = "MobileNet_V3_Large_Weights"
SEGMENTER, BACKBONE = "torchvision", "imagenet"  # what --from may ask for


class TorchvisionSegmenter(nn.Module):
    """[B, 3, H, W] -> logits [B, classes, H, W]. name: of torchvision, such as deeplabv3_resnet50; random start."""

    def __init__(self, name: str, classes: int):
        super().__init__()
        check_segmenter_name(name)
        from torchvision.models import get_model

        self.name = name
        self.net = get_model(name, weights=None, weights_backbone=None, num_classes=classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.net(x)["out"]

    def load(self, source: str) -> list[str]:
        """Set the weights that torchvision offers, from torch's cache; the names of tensors that are reinitialized.

        source: "torchvision", the whole network as trained on COCO with VOC's classes, or "imagenet", its backbone
        alone. MissingError: the cache does not hold them; it names address and file. DataError: the file is damaged.
        """
        url = weights_url(self.name, source)
        stored = _read(url, source)
        if source == BACKBONE:
            stored = {"backbone." + key.removeprefix("features."): value for key, value in stored.items()}
        ours = self.net.state_dict()
        reinitialized = [key for key in ours if key not in stored or stored[key].shape != ours[key].shape]
        if source == BACKBONE and any(key.startswith("backbone.") for key in reinitialized):
            raise DataError(f"{cached(url)}: expected the weights of {self.name}'s backbone, got others")
        self.net.load_state_dict({key: value if key in reinitialized else stored[key] for key, value in ours.items()})
        return [f"net.{key}" for key in reinitialized]


def segmenter_names() -> list[str]:
    """What may stand after "torchvision/"."""
    from torchvision import models

    return models.list_models(module=models.segmentation)


def check_segmenter_name(name: str) -> None:
    """UsageError where torchvision has no segmentation network of this name; it lists them, the nearest first."""
    names = segmenter_names()
    if name not in names:
        near = difflib.get_close_matches(name, names, n=len(names), cutoff=0.0)
        listed = ", ".join(PREFIX + word for word in near)
        raise UsageError(f"--net {PREFIX}{name}: expected one of {listed}")


def weights_url(name: str, source: str) -> str:
    """The address of the weights, see TorchvisionSegmenter.load."""
    from torchvision import models

    if source == SEGMENTER:
        return models.get_model_weights(name)["DEFAULT"].url  # type: ignore[index]
    backbone = next((enum for word, enum in BACKBONES.items() if name.endswith(word)), SMALL)
    return getattr(models, backbone)["IMAGENET1K_V1"].url


def cached(url: str) -> Path:
    """Where torch's cache keeps what this address gives."""
    return Path(torch.hub.get_dir(), "checkpoints", Path(urlparse(url).path).name)


def _read(url: str, source: str) -> dict[str, Tensor]:
    path = cached(url)
    if not path.is_file():
        raise MissingError(f"--from {source}: {path} is not there; fetch {url} to it, or start by --from none")
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises its own, zipfile's and pickle's, and advises to trust the file
        raise DataError(f"{path}: cannot be read as weights of torch; fetch {url} again") from error
