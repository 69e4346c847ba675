"""A painter as an .onnx file: any size, the colors of torch, its card inside; nothing is written where it differs."""

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

import dlcli.export.style as module
from dlcli.card import ModelCard, read_card
from dlcli.errors import DlcliError
from dlcli.export.style import export_painter, style_graph
from dlcli.nets.style_network import StyledNorm, StyleNetwork
from dlcli.runtime.session import open_session

CARD = ModelCard(
    "tiny", "style-transfer", (), (64, 64), (0, 0, 0), (1, 1, 1), decoding={"styles": [{"name": "a"}, {"name": "b"}]}
)


@pytest.fixture(scope="module")
def net() -> StyleNetwork:
    torch.manual_seed(1)
    net = StyleNetwork(2, (4, 6, 8), blocks=1).eval()
    with torch.no_grad():
        for part in net.modules():
            if isinstance(part, StyledNorm):
                part.gain.uniform_(0.5, 1.5)
    return net


@pytest.fixture(scope="module")
def graph(net) -> onnx.ModelProto:
    return style_graph(net, 2)


def image(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height).uniform(0, 255, (1, 3, height, width)).astype(np.float32)


def test_the_graph_takes_any_size_and_any_blend(net, graph):
    session = open_session(graph.SerializeToString(), 1, "cpu", inputs=2)
    for size in ((16, 16), (64, 96), (20, 132)):
        for style in ([1, 0], [0, 1], [0.25, 0.75]):
            weights = np.array([style], np.float32)
            with torch.inference_mode():
                expected = net(torch.from_numpy(image(*size)), torch.from_numpy(weights)).numpy()
            assert np.abs(session.run(image(*size), weights)[0] - expected).max() < 0.05


def test_the_file_has_the_card_and_paints_as_torch_does(net, graph, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(module, "style_graph", lambda *_: graph)  # traced once for all tests
    difference = export_painter(net, CARD, tmp_path / "tiny.onnx", [image(32, 32), image(48, 20)])
    assert 0 < difference < 2
    assert read_card(tmp_path / "tiny.onnx") == CARD


def test_nothing_is_written_where_it_differs(net, graph, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(module, "style_graph", lambda *_: graph)
    monkeypatch.setattr(module, "TOLERANCE", 1e-9)
    with pytest.raises(DlcliError, match="colors differ by"):
        export_painter(net, CARD, tmp_path / "tiny.onnx", [image(32, 32)])
    assert not (tmp_path / "tiny.onnx").exists()
