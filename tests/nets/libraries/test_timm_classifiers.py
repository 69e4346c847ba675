"""`--net timm/NAME`: timm's own networks, their weights from a cache, and the light core's answers."""

import sys

import pytest
import timm
import torch

from dlcli.errors import DataError, MissingError, UsageError
from dlcli.nets.build_classifier import has_one_side, last_layer, network, stages
from dlcli.nets.libraries.timm_classifiers import timm_statistics, timm_weights
from dlcli.training.classify.init import resolved_start, start_classifier
from tests.nets.libraries.cache import put

SMALL = ["test_resnet", "test_convnext", "test_efficientnet"]  # timm's own, for tests
IMAGE = torch.linspace(-1, 1, 3 * 64 * 64).view(1, 3, 64, 64)


@pytest.mark.parametrize("name", SMALL)
def test_it_is_timms_network(name):
    ours, theirs = network(f"timm/{name}", 7, 64).eval(), timm.create_model(name, num_classes=7).eval()
    theirs.load_state_dict(ours.state_dict())
    with torch.inference_mode():
        assert torch.equal(ours(IMAGE), theirs(IMAGE))
        last_layer(ours).weight.zero_()
        last_layer(ours).bias.copy_(torch.arange(7.0))
        assert ours(IMAGE).tolist() == [[0, 1, 2, 3, 4, 5, 6]]


def test_a_vision_transformer_is_built_for_its_side():
    net = network("timm/test_vit", 3, 64)
    assert net.pos_embed.shape[1] == (64 // 16) ** 2 + 1
    assert (has_one_side("timm/test_vit"), has_one_side("timm/test_resnet")) == (True, False)
    assert len(stages(net)) > 3
    with pytest.raises(UsageError, match="--size 8: timm/test_vit does not take such images"):
        network("timm/test_vit", 3, 8)


def test_an_encoder_without_classes_is_refused(monkeypatch):
    plain = timm.create_model("test_resnet", num_classes=0)
    monkeypatch.setattr(timm, "create_model", lambda *_, **__: plain)
    with pytest.raises(UsageError, match="--net timm/test_resnet: gives no logit for each class; name a classifier"):
        network("timm/test_resnet", 3, 64)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("resnet81", "timm has no such classifier; the nearest are .*timm/resnet18"),
        ("resnet18.a9_in1k", "timm has no such weights; the nearest are .*timm/resnet18.a1_in1k"),
    ],
)
def test_an_unknown_name_lists_the_nearest(name, message):
    with pytest.raises(UsageError, match=f"--net timm/{name}: {message}"):
        network(f"timm/{name}", 3, 64)


def test_a_missing_package_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(
        MissingError, match=r"timm/resnet18 needs timm, not installed here; run: .*pip install .*timm\]"
    ):
        network("timm/resnet18", 3, 64)


@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "inception_v3"])
def test_statistics_are_those_of_timms_own_transforms(name):
    given = timm.data.resolve_data_config({}, model=timm.create_model(name))
    mean, std = timm_statistics(name)
    assert mean == pytest.approx([255 * value for value in given["mean"]])
    assert std == pytest.approx([255 * value for value in given["std"]])


def test_weights_in_the_cache_are_used(cache):
    stored = timm.create_model("test_resnet").state_dict()
    put(cache, "timm/test_resnet.r160_in1k", stored)
    net, said = network("timm/test_resnet", 2, 64), []
    assert resolved_start("timm/test_resnet", "auto") == "imagenet"
    fresh = start_classifier(net, "timm/test_resnet", "imagenet", ("a", "b"), said.append, 64)
    assert sorted(fresh) == ["fc.bias", "fc.weight"]
    assert all(torch.equal(value, stored[key]) for key, value in net.state_dict().items() if key not in fresh)
    assert said == ["--from imagenet: the last layer is reinitialized for 2 classes"]


def test_positions_are_fitted_to_the_side(cache):
    put(cache, "timm/test_vit.r160_in1k", timm.create_model("test_vit").state_dict())
    assert timm_weights("test_vit", 64)["pos_embed"].shape[1] == (64 // 16) ** 2 + 1


def test_weights_are_never_fetched(cache):
    wanted = f"weights of timm/test_resnet are not in {cache}; run: hf download timm/test_resnet.r160_in1k model.safete"
    with pytest.raises(MissingError, match=wanted):
        timm_weights("test_resnet", 64)


def test_damaged_and_foreign_weights_are_named(cache):
    file = put(cache, "timm/test_resnet.r160_in1k", timm.create_model("test_convnext").state_dict())
    with pytest.raises(DataError, match=f"{file}: expected the weights of timm/test_resnet"):
        timm_weights("test_resnet", 64)
    file.write_bytes(b"no tensors")
    with pytest.raises(DataError, match=f"{file}: expected the weights of timm/test_resnet"):
        timm_weights("test_resnet", 64)
