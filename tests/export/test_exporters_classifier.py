"""`dlcli export` of a classifier: the same classes in torch and in ONNX Runtime, int8 measured."""

import io
import json

import numpy as np
import pytest
import torch
from rich.console import Console
from torch import nn

from dlcli.card import ModelCard, read_card
from dlcli.errors import DlcliError
from dlcli.export import run as export_run
from dlcli.export.exporters import ClassifierExporter, export_classifier
from dlcli.export.fuse import fused
from dlcli.export.graph import to_graph
from dlcli.export.options import ExportOptions
from dlcli.models.run_folder import BEST, CONFIG
from dlcli.nets.efficientnet_lite import EfficientNetLite0Classifier
from dlcli.nets.weights import save_weights
from dlcli.tasks.classify.classifier import Classifier
from dlcli.tasks.network import onnx_forward
from dlcli.tasks.torch_predict import load_torch_forward
from dlcli.training.log import TrainLog
from tests.data.class_sets import image

SIDE = 64


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A folder as a training leaves it: random weights, and six images of two classes."""
    folder = tmp_path_factory.mktemp("run")
    for split in ("train", "val"):
        for i in range(6):
            label = "ab"[i % 2]
            image(folder / "data" / split / label / f"{i}.png", (40 * i, 255 - 40 * i, 90), (80, 70))
    card = ModelCard(
        *("ours", "classify", ("a", "b"), (SIDE, SIDE), (127.0,) * 3, (128.0,) * 3),
        resize="crop",
        decoding={"scores": "softmax"},
        training={"data": "two"},
    )
    given = {"data": str(folder / "data"), "split": "train", "val_split": "val"}
    (folder / CONFIG).write_text(json.dumps({"options": given, "card": json.loads(card.to_json())}))
    save_weights(folder / BEST, _random_net())
    return folder


def _random_net():
    torch.manual_seed(0)
    net = EfficientNetLite0Classifier(2)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.8, 1.6)
            module.momentum = 1.0
    with torch.no_grad():
        net.train()(torch.rand(4, 3, SIDE, SIDE) * 2 - 1)
    return net.eval()


@pytest.fixture(scope="module")
def graph():
    """Made once: torch's exporter takes seconds."""
    return to_graph(fused(_random_net()), (SIDE, SIDE), ClassifierExporter.outputs)


@pytest.fixture
def export(run, graph, tmp_path, monkeypatch):
    monkeypatch.setattr(export_run, "to_graph", lambda *_: graph)
    said = io.StringIO()

    def export(**options):
        given = {"run": run, "threads": 1, "images": 2, "out": tmp_path / "m.onnx", **options}
        return export_classifier(ExportOptions(**given), TrainLog(Console(file=said, width=200), False))

    export.said = said
    return export


def test_torch_and_onnx_say_the_same(export, run, tmp_path):
    done = export(weights=True, name="mine")
    assert read_card(done.path).name == "mine"
    assert done.path.stat().st_size == done.size
    card, theirs = load_torch_forward(done.weights, "classify")
    pixels = np.random.default_rng(0).integers(0, 256, (70, 90, 3), dtype=np.uint8)
    ours = Classifier(card, onnx_forward(done.path, ("logits",), 1, 1))(pixels)
    assert ours.sum() == pytest.approx(1)
    assert np.abs(ours - Classifier(card, theirs)(pixels)).max() < 0.01
    assert "logits differ by at most" in export.said.getvalue()
    assert f"next: dlcli classify --model {done.path}" in export.said.getvalue()


def test_int8_is_measured_by_top1(export):
    done = export(int8=True, calibration_images=4)
    assert done.measured is not None
    assert all(0 <= value <= 1 for value in done.measured)
    assert "top-1 (several classes an image: mAP) on 6 images of val: float " in export.said.getvalue()
    assert done.size < 0.35 * 4 * sum(p.numel() for p in EfficientNetLite0Classifier(2).parameters())


def test_a_plain_folder_of_images_will_do(export, tmp_path):
    for i in range(3):
        image(tmp_path / "plain" / "deep" / f"{i}.png", (80 * i, 0, 0))
    assert export(data=tmp_path / "plain", int8=True, calibration_images=2).measured is None
    assert "images without labels" in export.said.getvalue()


def test_refuses_above_the_tolerance(export, tmp_path, monkeypatch):
    monkeypatch.setattr(export_run, "TOLERANCE", 0.0)
    with pytest.raises(DlcliError, match="nothing was written"):
        export()
    assert not (tmp_path / "m.onnx").exists()
