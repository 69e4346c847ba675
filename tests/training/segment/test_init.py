"""What auto starts from, for each kind of network."""

import pytest
import torch

from dlcli.errors import MissingError, UsageError
from dlcli.nets.build_segmenter import segmenter_network
from dlcli.nets.efficientnet_lite import load_imagenet
from dlcli.nets.weights import save_weights
from dlcli.training.segment.init import resolved_start, start_segmenter

TORCHVISION = "torchvision/lraspp_mobilenet_v3_large"


@pytest.mark.parametrize(
    ("net", "start"), [("light", "imagenet"), ("fcn8s", "imagenet"), ("unet", "none"), (TORCHVISION, "imagenet")]
)
def test_auto_is_imagenet_where_there_are_such_weights(net, start):
    built = segmenter_network(net, 2)
    assert resolved_start(built, "auto") == start
    assert resolved_start(built, "none") == "none"


def test_the_backbone_gets_imagenets_weights():
    net = segmenter_network("unet-lite0", 2)
    assert start_segmenter(net, "auto") == []
    stored = load_imagenet().backbone.state_dict()
    assert all(torch.equal(value, stored[name]) for name, value in net.backbone.state_dict().items())


@pytest.mark.parametrize("source", ["auto", "imagenet", "torchvision"])
def test_torchvisions_weights_are_never_fetched(tmp_path, monkeypatch, source):
    monkeypatch.setattr(torch.hub, "_hub_dir", str(tmp_path))
    with pytest.raises(MissingError, match="is not there; fetch https://"):
        start_segmenter(segmenter_network(TORCHVISION, 2), source)


def test_weights_that_fit_nothing_are_refused(tmp_path):
    save_weights(tmp_path / "light.safetensors", segmenter_network("light", 2))
    assert start_segmenter(segmenter_network("light", 3), str(tmp_path / "light.safetensors")) == [
        "out.weight",
        "out.bias",
    ]
    with pytest.raises(UsageError, match="its weights fit no layer of this network"):
        start_segmenter(segmenter_network("unet", 2), str(tmp_path / "light.safetensors"))
