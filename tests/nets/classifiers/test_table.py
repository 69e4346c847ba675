"""One contract for every network by name: counts, shapes, gradients, ONNX, and torchvision's answers."""

import numpy as np
import onnxruntime
import pytest
import torch
from torchvision.models import SwinTransformer, VisionTransformer, get_model

from dlcli.nets.classifiers import vit
from dlcli.nets.classifiers.swin import Swin
from dlcli.nets.classifiers.table import NETWORKS

TWINS = ["googlenet", "resnet18", "resnet50"]


@pytest.mark.parametrize("name", NETWORKS)
def test_parameters_are_as_many_as_are_published(name):
    with torch.device("meta"):
        net = NETWORKS[name].new(1000, 224)
    assert sum(p.numel() for p in net.parameters()) == NETWORKS[name].parameters


@pytest.mark.parametrize("name", [name for name in NETWORKS if NETWORKS[name].twin])
def test_tensors_have_torchvisions_names_and_shapes(name):
    with torch.device("meta"):
        ours, theirs = NETWORKS[name].new(1000, 224), build_twin(name)
    names = {key: value.shape for key, value in theirs.state_dict().items()}
    assert {key: value.shape for key, value in ours.state_dict().items()} == names


@pytest.mark.parametrize("name", TWINS)
def test_answers_equal_torchvisions(name):
    torch.manual_seed(0)
    ours, theirs = NETWORKS[name].new(10, 64).eval(), build_twin(name, 10, 64).eval()
    ours.load_state_dict(theirs.state_dict())
    assert_equal(ours, theirs, 64, 64)


def test_a_vision_transformer_equals_torchvisions():
    torch.manual_seed(0)
    ours = vit.VisionTransformer(5, 64, patch=16, channels=48, heads=3, depth=2).eval()
    theirs = VisionTransformer(64, 16, 2, 3, 48, 192, num_classes=5).eval()
    torch.nn.init.normal_(theirs.heads.head.weight)
    ours.load_state_dict(theirs.state_dict())
    assert_equal(ours, theirs, 64, 64)


@pytest.mark.parametrize(("height", "width"), [(64, 64), (100, 132), (28, 230)])
def test_swin_equals_torchvisions(height, width):
    """Sides of 100 and 132 fill no whole windows, and their patches do not merge evenly; 28 is one window high."""
    torch.manual_seed(1)
    ours, theirs = small_swin().eval(), SwinTransformer([4, 4], 32, [2, 2], [1, 2], [7, 7], num_classes=5).eval()
    for key, value in theirs.state_dict().items():
        if key.endswith("bias_table"):
            torch.nn.init.normal_(value)
    ours.load_state_dict(theirs.state_dict())
    assert_equal(ours, theirs, height, width)


SMALL = {
    "nin": lambda: NETWORKS["nin"].new(4, 32),
    "googlenet": lambda: NETWORKS["googlenet"].new(4, 32),
    "resnet18": lambda: NETWORKS["resnet18"].new(4, 32),
    "resnet50": lambda: NETWORKS["resnet50"].new(4, 32),
    "stn": lambda: NETWORKS["stn"].new(4, 32),
    "vit": lambda: vit.VisionTransformer(4, 32, patch=16, channels=48, heads=3, depth=2),
    "swin": lambda: small_swin(4),
}


@pytest.mark.parametrize("name", SMALL)
def test_a_gradient_reaches_every_parameter(name):
    torch.manual_seed(0)
    net = SMALL[name]()
    logits = net(torch.randn(4, 3, 32, 32))
    assert logits.shape == (4, 4)
    torch.nn.functional.cross_entropy(logits, torch.arange(4)).backward()
    without = [key for key, p in net.named_parameters() if p.grad is None or not p.grad.isfinite().all()]
    assert without == []


@pytest.mark.parametrize("name", ["nin", "stn", "vit", "swin"])
def test_onnx_agrees(name, tmp_path):
    torch.manual_seed(0)
    net, x = SMALL[name]().eval(), torch.rand(1, 3, 32, 32)
    torch.onnx.export(net, (x,), tmp_path / "net.onnx", input_names=["x"], opset_version=17, dynamo=False)
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
    with torch.inference_mode():
        np.testing.assert_allclose(session.run(None, {"x": x.numpy()})[0], net(x).numpy(), atol=1e-4)


def small_swin(classes=5):
    return Swin(classes, 32, (2, 2), (1, 2))


def assert_equal(ours, theirs, height, width):
    x = torch.randn(2, 3, height, width)
    with torch.inference_mode():
        torch.testing.assert_close(ours(x), theirs(x), rtol=1e-4, atol=1e-4)


def build_twin(name, classes=1000, side=224):
    more = {"aux_logits": False, "init_weights": False} if name == "googlenet" else {}
    more |= {"image_size": side} if NETWORKS[name].fixed else {}
    return get_model(NETWORKS[name].twin, weights=None, num_classes=classes, **more)
