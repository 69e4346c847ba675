"""torchvision's segmentation networks: names, and weights from the cache alone."""

import pytest
import torch
from torch import nn

from dlcli.errors import DataError, MissingError, UsageError
from dlcli.nets.torchvision.segmenters import TorchvisionSegmenter, cached, weights_url

NAME = "lraspp_mobilenet_v3_large"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache of torch's own."""
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    (tmp_path / "checkpoints").mkdir()
    return tmp_path


def store(source, tensors):
    torch.save(tensors, cached(weights_url(NAME, source)))


def test_an_unknown_name_lists_the_nearest_first():
    with pytest.raises(UsageError, match=r"--net torchvision/deeplab_resnet50: expected one of torchvision/deeplabv3_"):
        TorchvisionSegmenter("deeplab_resnet50", 3)


@pytest.mark.parametrize("source", ["imagenet", "torchvision"])
def test_weights_that_are_not_cached_are_not_fetched(cache, source):
    with pytest.raises(MissingError, match=rf"--from {source}: .*{cache}.* is not there; fetch https://download"):
        TorchvisionSegmenter(NAME, 3).load(source)


def test_a_whole_network_is_taken_less_what_has_other_classes(cache):
    theirs = TorchvisionSegmenter(NAME, 21).net
    store("torchvision", theirs.state_dict())
    ours = TorchvisionSegmenter(NAME, 3)
    reinitialized = ours.load("torchvision")
    assert reinitialized == [
        f"net.classifier.{part}_classifier.{kind}" for part in ("low", "high") for kind in ("weight", "bias")
    ]
    stored = theirs.state_dict()
    assert all(torch.equal(v, stored[k]) for k, v in ours.net.state_dict().items() if f"net.{k}" not in reinitialized)


def test_the_backbone_is_taken_from_the_classifier(cache):
    from torchvision.models import mobilenet_v3_large

    theirs = mobilenet_v3_large()
    store("imagenet", theirs.state_dict())
    ours = TorchvisionSegmenter(NAME, 3)
    reinitialized = ours.load("imagenet")
    assert all(key.startswith("net.classifier.") for key in reinitialized)
    last = [m for m in theirs.features.modules() if isinstance(m, nn.Conv2d)][-1]
    assert torch.equal([m for m in ours.net.backbone.modules() if isinstance(m, nn.Conv2d)][-1].weight, last.weight)


def test_other_weights_and_damaged_files_are_named(cache):
    store("imagenet", {"features.0.0.weight": torch.zeros(1)})
    with pytest.raises(DataError, match=r"mobilenet_v3_large.*: expected the weights of lraspp.* backbone, got others"):
        TorchvisionSegmenter(NAME, 3).load("imagenet")
    cached(weights_url(NAME, "imagenet")).write_bytes(b"no weights")
    with pytest.raises(DataError, match=r"cannot be read as weights of torch; fetch https:"):
        TorchvisionSegmenter(NAME, 3).load("imagenet")
