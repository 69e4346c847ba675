"""Every segmenter by its name: the shape of its logits, its size, its way through a card, its ONNX form."""

import numpy as np
import pytest
import torch

from dlcli.card import ModelCard
from dlcli.errors import DataError, UsageError
from dlcli.nets.build_segmenter import OWN, build_segmenter, segmenter_network, stride_of
from dlcli.nets.forward import torch_forward
from dlcli.nets.torchvision.segmenters import segmenter_names

STRIDES = {"light": 4, "unet-lite0": 2}  # the others give a logit a pixel
LABELS = ("background", "cat", "dog")


def card(net):
    decoding = {} if net is None else {"net": net}
    return ModelCard("test", "segment", LABELS, (64, 64), (127, 127, 127), (128, 128, 128), decoding=decoding)


@pytest.mark.parametrize("name", [*OWN, "torchvision/lraspp_mobilenet_v3_large"])
def test_logits_have_the_images_size_by_the_stride(name):
    net = build_segmenter(card(name)).eval()
    assert stride_of(net) == STRIDES.get(name, 1)
    with torch.inference_mode():
        logits = net(torch.zeros(2, 3, 64, 96))
    assert logits.shape == (2, 3, 64 // stride_of(net), 96 // stride_of(net))
    forward = torch_forward(net)
    x = torch.randn(1, 3, 64, 64)
    found = forward(x.numpy())
    assert found.dtype == np.float32
    with torch.inference_mode():
        assert np.allclose(found, net(x)[0].numpy(), atol=1e-5)


@pytest.mark.parametrize("name", OWN)
def test_every_weight_learns(name):
    """A gradient reaches each parameter, the last layers of stems included."""
    torch.manual_seed(0)
    net = segmenter_network(name, 3).train()
    for step in range(2):  # FCN's finer scores start at nothing: what lies under them learns from the second step on
        net.zero_grad()
        net(torch.randn(2, 3, 64, 64)).square().sum().backward()
        if step == 0:
            torch.optim.SGD(net.parameters(), 1e-3).step()
    assert [key for key, value in net.named_parameters() if value.grad is None or not value.grad.any()] == []


def test_a_card_without_a_net_is_the_light_one():
    assert type(build_segmenter(card(None))) is type(build_segmenter(card("light")))


def test_an_unknown_network_is_named_with_those_that_are():
    with pytest.raises(UsageError, match=r"--net fcn4s: expected one of light, unet.*torchvision/fcn_resnet50"):
        segmenter_network("fcn4s", 3)
    with pytest.raises(DataError, match="test: its network fcn4s is not known to this version"):
        build_segmenter(card("fcn4s"))


@pytest.mark.parametrize(("name", "millions"), [("light", 3.1), ("unet", 1.8), ("unet-lite0", 3.4), ("fcn8s", 3.0)])
def test_the_docstring_says_how_large_it_is(name, millions):
    net = segmenter_network(name, 21)
    assert round(sum(p.numel() for p in net.parameters()) / 1e6, 1) == millions
    assert f"{millions} M parameters" in (type(net).__doc__ or "")


def test_torchvision_has_these():
    assert {"deeplabv3_mobilenet_v3_large", "fcn_resnet50", "lraspp_mobilenet_v3_large"} <= set(segmenter_names())
