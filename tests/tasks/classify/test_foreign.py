"""Classifiers and segmenters of others through the program: against ONNX Runtime and NumPy, by every flag."""

import json

import numpy as np
import onnxruntime
import pytest
from PIL import Image

from dlcli.card import read_card
from dlcli.errors import ExitCode
from dlcli.imaging.model_input import placed_for
from dlcli.imaging.reader import read_image
from dlcli.models.user_folder import imported_models
from dlcli.records import Source
from tests.models.foreign_networks import classifier, segmenter
from tests.program import CAT, dlcli

MEAN, STD = np.array([120.0, 110.0, 100.0], np.float32), np.array([60.0, 50.0, 55.0], np.float32)
LABELS = "red,green,blue"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("DLCLI_MODELS", str(tmp_path / "mine"))


def bring_in(tmp_path, data: bytes, *more: object, task: str = "classify", labels: str = LABELS):
    (tmp_path / "x.onnx").write_bytes(data)
    numbers = ("--mean", "120,110,100", "--std", "60,50,55", "--labels", labels)
    ran = dlcli("models", "import", tmp_path / "x.onnx", "--name", "mine", "--task", task, *numbers, *more)
    assert ran.code == 0, ran.err


def network_says(tmp_path, bgr: bool = False, nhwc: bool = False) -> np.ndarray:
    """What the file that was imported says of the cat."""
    card = read_card(imported_models()["mine"])
    placed, _ = placed_for(card, read_image(Source.of_file(CAT)).pixels)
    tensor = (placed.astype(np.float32) - MEAN) / STD
    tensor = tensor[..., ::-1] if bgr else tensor
    tensor = tensor[None] if nhwc else tensor.transpose(2, 0, 1)[None]
    session = onnxruntime.InferenceSession(tmp_path / "x.onnx")
    return session.run(None, {"x": np.ascontiguousarray(tensor)})[0][0]


def probabilities(*more: object) -> dict[str, float]:
    ran = dlcli("classify", CAT, "--model", "mine", "--threshold", 0, "--json", *more)
    assert ran.code == 0, ran.err
    return {found["label"]: found["score"] for found in json.loads(ran.out)["classes"]}


def as_dict(values: np.ndarray) -> dict[str, float]:
    return dict(zip(LABELS.split(","), values.tolist(), strict=True))


@pytest.mark.parametrize(
    ("network", "flags", "way"),
    [
        ({}, (), {}),
        ({}, ("--channels", "bgr"), {"bgr": True}),
        ({"nhwc": True}, ("--resize", "stretch"), {"nhwc": True}),
        ({"side": "any"}, ("--input", "48x24", "--crop", 0.8), {}),
        ({"side": "any", "nhwc": True}, ("--input", "24x48", "--channels", "bgr"), {"nhwc": True, "bgr": True}),
    ],
)
def test_logits(tmp_path, network, flags, way):
    bring_in(tmp_path, classifier(**network), *flags)
    logits = network_says(tmp_path, **way).astype(np.float64)
    assert probabilities() == pytest.approx(as_dict(np.exp(logits) / np.exp(logits).sum()), abs=1e-4)


def test_several_classes_an_image(tmp_path):
    bring_in(tmp_path, classifier(), "--scores", "sigmoid")
    logits = network_says(tmp_path).astype(np.float64)
    assert probabilities() == pytest.approx(as_dict(1 / (1 + np.exp(-logits))), abs=1e-4)


def test_probabilities(tmp_path):
    bring_in(tmp_path, classifier(softmax=True), "--scores", "probabilities")
    found = as_dict(network_says(tmp_path))
    assert probabilities() == pytest.approx(found, abs=1e-4)
    expected = {name: found[name] for name in ("red", "blue")}
    assert probabilities("--classes", "red,blue", "--top", 2) == pytest.approx(expected, abs=1e-4)


def test_logits_that_were_called_probabilities(tmp_path):
    bring_in(tmp_path, classifier(), "--scores", "probabilities")
    ran = dlcli("classify", CAT, "--model", "mine", "--json")
    assert (ran.code, ran.out) == (ExitCode.STOPPED, "")
    assert "mine: expected probabilities that add up to 1" in ran.err


def test_another_task_is_refused(tmp_path):
    bring_in(tmp_path, classifier())
    ran = dlcli("detect", CAT, "--model", "mine")
    assert ran.code == ExitCode.USAGE
    assert "expected a model for detect, got one for classify" in ran.err


def test_a_segmenter(tmp_path):
    bring_in(tmp_path, segmenter(), task="segment", labels="background,green,blue")
    out = tmp_path / "out"
    assert dlcli("segment", CAT, "--model", "mine", "--out", out).code == 0
    mask = np.asarray(Image.open(out / "cat.png"))  # indices of classes
    cells = network_says(tmp_path).argmax(0)
    record = json.loads((out / "results.jsonl").read_text())
    assert {c["label"] for c in record["classes"]} <= {"background", "green", "blue"}
    assert mask.shape == (record["height"], record["width"])
    row, column = np.indices(cells.shape)
    middles = (
        ((row + 0.5) / len(cells) * len(mask)).astype(int),
        ((column + 0.5) / len(cells) * mask.shape[1]).astype(int),
    )
    assert (mask[middles] == cells).mean() > 0.9  # cells are blended between their middles
