"""`dlcli export` of a segmenter: parity with torch, half weights, int8 with its mIoU before and after."""

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
from dlcli.export.exporters import export_segmenter
from dlcli.export.fuse import fused
from dlcli.export.graph import to_graph
from dlcli.export.options import ExportOptions
from dlcli.imaging.reader import read_image
from dlcli.models.run_folder import BEST, CONFIG
from dlcli.nets.build_segmenter import build_segmenter
from dlcli.nets.weights import save_weights
from dlcli.records import Source
from dlcli.tasks.segment.options import SegmentOptions
from dlcli.tasks.segment.predictor import load
from dlcli.training.log import TrainLog
from tests.export.runs import SAMPLES, SHAPES

SIDE = 96
CARD = ModelCard(
    name="shapes-seg",
    task="segment",
    labels=("background", "circle", "square", "triangle"),
    input=(SIDE, SIDE),
    mean=(127.0, 127.0, 127.0),
    std=(128.0, 128.0, 128.0),
    fill=(127, 127, 127),
    decoding={"net": "light", "stride": 4, "background": 0, "scores": "softmax"},
)


@pytest.fixture(scope="module")
def net():
    """Random, its normalizations away from their start and its statistics those of noise."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    net = build_segmenter(CARD)
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.8, 1.6)
            nn.init.uniform_(module.bias, -0.2, 0.4)
            module.momentum = 1.0
    with torch.no_grad():
        net.train()(torch.rand(4, 3, SIDE, SIDE) * 2 - 1)
    return net.eval()


@pytest.fixture(scope="module")
def graph(net):
    return to_graph(fused(net), (SIDE, SIDE), ("logits",))


@pytest.fixture
def export(tmp_path, net, graph, monkeypatch):
    """Export the run with some options, the graph made once; what was said is in `export.said`."""
    monkeypatch.setattr(export_run, "to_graph", lambda *_: graph)
    config = {"dlcli": "0", "task": "segment", "options": {"data": str(SHAPES)}, "card": json.loads(CARD.to_json())}
    (tmp_path / CONFIG).write_text(json.dumps(config))
    save_weights(tmp_path / BEST, net)
    said = io.StringIO()

    def export(**options):
        given = {"run": tmp_path, "threads": 1, "images": 2, **options}
        return export_segmenter(ExportOptions(**given), TrainLog(Console(file=said, width=200), False))

    export.said = said
    return export


def test_the_file_segments_as_torch_does(export, tmp_path):
    done = export(weights=True, out=tmp_path / "ours.onnx", name="ours")
    assert read_card(done.path).decoding == CARD.decoding
    pixels = read_image(Source.of_file(SAMPLES / "cat.jpg")).pixels
    found = [
        load(SegmentOptions(model=str(path)), 1, 1).predict(pixels, None).mask.values
        for path in (done.path, done.weights)
    ]
    assert len(np.unique(found[0])) > 1
    assert (found[0] == found[1]).mean() > 0.98  # the weights beside it are float16
    assert "logits differ by at most" in export.said.getvalue()


def test_half_weights_are_half_the_file(export, tmp_path):
    whole, half = export(), export(half_weights=True, out=tmp_path / "half.onnx")
    assert half.size < 0.55 * whole.size
    assert half.difference.outputs[0][1] < 0.1


def test_int8_says_what_it_costs(export):
    done = export(int8=True, calibration_images=4, ap_images=3)
    assert done.path.name == "best-int8.onnx"
    before, after = done.measured
    assert 0 <= before <= 1
    assert abs(before - after) < 0.1
    assert f"mIoU on 3 images of val: float {before:.4f}, int8 {after:.4f}" in export.said.getvalue()


def test_nothing_is_written_above_the_tolerance(export, tmp_path, monkeypatch):
    monkeypatch.setattr(export_run, "TOLERANCE", 0.0)
    with pytest.raises(DlcliError, match="nothing was written"):
        export(out=tmp_path / "m.onnx")
    assert not (tmp_path / "m.onnx").exists()
