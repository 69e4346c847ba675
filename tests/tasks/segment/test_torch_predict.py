"""`--runtime torch`: a run's weights through the same predictor as ONNX Runtime's."""

import json
import sys

import numpy as np
import pytest
import torch

from dlcli.errors import MissingError
from dlcli.models.run_folder import BEST, CONFIG
from dlcli.nets.build_segmenter import build_segmenter
from dlcli.nets.weights import save_weights
from dlcli.tasks.segment.options import SegmentOptions
from dlcli.tasks.segment.predictor import load
from dlcli.tasks.torch_predict import load_torch_forward
from tests.tasks.segment.colors import SIDE, color_card


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    torch.manual_seed(0)
    config = {"dlcli": "0", "task": "segment", "options": {}, "card": json.loads(color_card().to_json())}
    (folder / CONFIG).write_text(json.dumps(config))
    save_weights(folder / BEST, build_segmenter(color_card()))
    return folder


def test_a_run_gives_logits_on_the_coarse_grid(run):
    card, forward = load_torch_forward(run, "segment", 1)
    assert card == color_card()
    logits = forward(np.zeros((1, 3, SIDE, SIDE), np.float32))
    assert (logits.shape, logits.dtype) == ((4, SIDE // 4, SIDE // 4), np.float32)


def test_a_run_that_was_never_exported_is_opened_in_torch(run):
    worker = load(SegmentOptions(model=str(run)), 1, 1)
    assert worker.model == "colors"
    pixels = np.random.default_rng(0).integers(0, 256, (70, 90, 3), np.uint8)
    found = worker.predict(pixels, None)
    assert found.mask.values.shape == (70, 90)
    assert found.labels == color_card().labels


def test_without_torch(tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("dlcli.nets")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingError, match=r"torch, not installed here; run: .*install"):
        load_torch_forward(tmp_path, "segment")
