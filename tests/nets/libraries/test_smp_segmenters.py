"""`--net smp/ARCH-ENCODER`: smp's own networks, and their encoders' weights from a cache."""

import sys

import pytest
import segmentation_models_pytorch as smp
import timm
import torch

from dlcli.errors import DataError, MissingError, UsageError
from dlcli.nets.build_segmenter import check_network_name, check_side, segmenter_network, stride_of
from dlcli.nets.libraries.smp_segmenters import POOLING, smp_statistics
from dlcli.training.segment.init import pretrained_part, resolved_start, start_segmenter
from tests.nets.libraries.cache import put

NAME = "smp/linknet-mobileone_s0"
FROM_TIMM = "smp/linknet-tu-test_convnext"
IMAGE = torch.linspace(-1, 1, 3 * 64 * 64).view(1, 3, 64, 64)


@pytest.mark.parametrize("name", [NAME, FROM_TIMM])
def test_it_is_smps_network(name):
    architecture, _, encoder = name.removeprefix("smp/").partition("-")
    ours = segmenter_network(name, 3).eval()
    theirs = smp.create_model(architecture, encoder, encoder_weights=None, classes=3).eval()
    theirs.load_state_dict(ours.net.state_dict())
    with torch.inference_mode():
        assert torch.equal(ours(IMAGE), theirs(IMAGE))
    assert ours(IMAGE).shape == (1, 3, 64 // stride_of(ours), 64 // stride_of(ours))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("unte-resnet18", "smp has no such architecture; the nearest are smp/unet-resnet18"),
        ("unet-resnet81", "smp has no such encoder, .*; the nearest are smp/unet-resnet18"),
        ("unet-tu-resnet81", "timm has no such classifier; the nearest are .*resnet18"),
        ("unet", "smp has no such encoder"),
    ],
)
def test_an_unknown_name_lists_the_nearest(name, message):
    with pytest.raises(UsageError, match=message):
        check_network_name(f"smp/{name}")


def test_what_smp_cannot_build_is_one_sentence():
    with pytest.raises(UsageError, match="--net smp/linknet-mit_b0: smp cannot build it: Encoder `mit_b0` is not"):
        segmenter_network("smp/linknet-mit_b0", 2)
    with pytest.raises(UsageError, match="--size 64: smp/pan-tu-test_convnext does not take such images"):
        check_side("smp/pan-tu-test_convnext", 64)


@pytest.mark.parametrize("architecture", sorted(set(smp.MODEL_ARCHITECTURES_MAPPING) - {"dpt", "pan"}))
def test_which_need_two_images_a_step(architecture):
    net = segmenter_network(f"smp/{architecture}-tu-test_convnext", 2).train()
    if architecture in set(POOLING) - {"pspnet"}:
        with pytest.raises(ValueError, match="Expected more than 1 value"):
            net(IMAGE)
    else:
        assert net(IMAGE).shape == (1, 2, 64, 64)


def test_a_missing_package_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "segmentation_models_pytorch", None)
    with pytest.raises(MissingError, match=r"smp/unet-resnet18 needs segmentation_mo.*, not installed.*\[smp\]"):
        check_network_name("smp/unet-resnet18")


def test_an_encoders_weights_in_the_cache_are_used(cache):
    offered = smp.encoders.encoders["mobileone_s0"]["pretrained_settings"]["imagenet"]
    stored = segmenter_network(NAME, 2).net.encoder.state_dict()
    put(cache, offered["repo_id"], stored, offered["revision"])
    net = segmenter_network(NAME, 2)
    assert resolved_start(net, "auto") == "imagenet"
    fresh = start_segmenter(net, "auto")
    assert fresh
    assert not any(key.startswith("net.encoder.") for key in fresh)
    assert all(torch.equal(value, stored[key]) for key, value in net.net.encoder.state_dict().items())
    assert pretrained_part(net, "auto") is net.net.encoder


def test_timms_weights_go_into_its_encoder(cache):
    stored = timm.create_model("test_convnext").state_dict()
    put(cache, "timm/test_convnext.r160_in1k", stored)
    net = segmenter_network(FROM_TIMM, 2)
    start_segmenter(net, "imagenet")
    filled = dict(net.net.encoder.state_dict())
    name = next(key for key in filled if key.endswith("stem_0.weight"))
    assert torch.equal(filled[name], stored["stem.0.weight"])


def test_weights_are_never_fetched(cache):
    for name, repository in ((NAME, "smp-hub/mobileone_s0.imagenet"), (FROM_TIMM, "timm/test_convnext.r160_in1k")):
        with pytest.raises(MissingError, match=f"are not in {cache}; run: hf download {repository} model.safetensors"):
            start_segmenter(segmenter_network(name, 2), "auto")


def test_foreign_weights_are_named(cache):
    offered = smp.encoders.encoders["mobileone_s0"]["pretrained_settings"]["imagenet"]
    file = put(cache, offered["repo_id"], {"other": torch.zeros(1)}, offered["revision"])
    with pytest.raises(DataError, match=f"{file}: expected the weights of smp's encoder mobileone_s0"):
        start_segmenter(segmenter_network(NAME, 2), "imagenet")


def test_statistics_are_the_encoders():
    assert smp_statistics("unet-resnet18")[0] == (123.675, 116.28, 103.53)
    assert smp_statistics("unet-inceptionv4")[0] == (127.5,) * 3
    assert smp_statistics("unet-tu-test_vit") == ((127.5,) * 3, (127.5,) * 3)
