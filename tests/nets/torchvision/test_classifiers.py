"""Every torchvision classifier by its name: parameters as torchvision counts them, the last layer, cached weights."""

from pathlib import Path

import pytest
import torch
from torch import nn
from torchvision.models import get_model_weights, resnet18

from dlcli.errors import MissingError, UsageError
from dlcli.nets.build_classifier import last_layer, stages
from dlcli.nets.torchvision.classifiers import (
    build_torchvision,
    check_name,
    imagenet_weights,
    known_names,
    statistics,
    weights_source,
)

SMALL = ["mobilenet_v3_small", "shufflenet_v2_x0_5", "squeezenet1_1", "mnasnet0_5", "resnet18", "regnet_y_400mf"]


@pytest.mark.parametrize("name", SMALL)
def test_the_parameters_are_those_torchvision_counts(name):
    weights = get_model_weights(name)["DEFAULT"]
    net = build_torchvision(name, 1000, 224)
    assert sum(p.numel() for p in net.parameters()) == weights.meta["num_params"]


@pytest.mark.parametrize("name", [*SMALL, "googlenet", "densenet121", "efficientnet_b0", "swin_t"])
def test_logits_come_from_the_last_layer(name):
    net = build_torchvision(name, 7, 64).eval()
    last = last_layer(net)
    assert (last.out_features if isinstance(last, nn.Linear) else last.out_channels) == 7
    with torch.no_grad():
        assert net(torch.zeros(2, 3, 64, 64)).shape == (2, 7)
        last.weight.zero_()
        last.bias.copy_(torch.arange(7.0))
        assert net(torch.rand(1, 3, 64, 64)).tolist() == [[0, 1, 2, 3, 4, 5, 6]]


def test_stages_are_all_but_the_last_layer():
    net = build_torchvision("resnet18", 5, 64)
    found = stages(net)
    assert found[:3] == [net.conv1, net.bn1, net.layer1[0]]
    assert len(found) == 2 + 8
    kept = {id(p) for stage in found for p in stage.parameters()}
    assert {id(p) for p in net.parameters()} - kept == {id(p) for p in net.fc.parameters()}


def test_a_vision_transformer_takes_the_side_it_is_built_for():
    net = build_torchvision("vit_b_32", 3, 64)
    assert net.encoder.pos_embedding.shape[1] == (64 // 32) ** 2 + 1
    assert len(stages(net)) == 1 + 12 + 1


@pytest.mark.parametrize(
    ("name", "side"), [("vit_b_32", 100), ("inception_v3", 64), ("alexnet", 32)], ids=lambda value: str(value)
)
def test_a_side_that_does_not_fit_is_refused(name, side):
    with pytest.raises(UsageError, match=f"--size {side}: torchvision/{name} does not take such images"):
        build_torchvision(name, 3, side)


@pytest.mark.parametrize(("name", "near"), [("resnet81", "torchvision/resnet18"), ("zzz", "torchvision/resnet18")])
def test_an_unknown_name_lists_the_nearest(name, near):
    with pytest.raises(UsageError, match=f"--net torchvision/{name}: torchvision has no such classifier.*{near}"):
        check_name(name)


def test_statistics_are_those_of_torchvisions_own_transforms():
    for name in known_names():
        transform = get_model_weights(name)["DEFAULT"].transforms()
        mean, std = statistics(name)
        if name in ("googlenet", "inception_v3"):  # the network itself turns ImageNet's statistics into these
            assert (mean, std) == ((127.5,) * 3, (127.5,) * 3)
        else:
            assert mean == pytest.approx([255 * v for v in transform.mean])
            assert std == pytest.approx([255 * v for v in transform.std])


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    folder = tmp_path / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    return folder


def test_weights_in_the_cache_are_used(cache):
    url, path = weights_source("resnet18")
    assert (path.parent, path.name) == (cache, url.rpartition("/")[2])
    stored = resnet18().state_dict()
    torch.save(stored, path)
    assert all(torch.equal(value, stored[name]) for name, value in imagenet_weights("resnet18").items())


def test_damaged_weights_are_named(cache):
    _, path = weights_source("resnet18")
    path.write_text("no archive")
    with pytest.raises(MissingError, match=f"fetch https://.* to {path}, or start by --from none"):
        imagenet_weights("resnet18")


def test_weights_that_cannot_be_fetched_are_named(cache, monkeypatch, capsys):
    def offline(*_args, **_more):
        raise OSError("no route to host")

    monkeypatch.setattr("urllib.request.urlopen", offline)
    monkeypatch.setattr("torch.hub.urlopen", offline)
    with pytest.raises(MissingError, match=r"weights of resnet18 \(no route to host\); fetch https://"):
        imagenet_weights("resnet18")
    assert capsys.readouterr() == ("", "")
