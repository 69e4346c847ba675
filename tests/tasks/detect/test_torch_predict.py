"""Weights for `--runtime torch`: where the card comes from, and what is said when something is missing."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from dlcli.errors import DataError, MissingError
from dlcli.nets.weights import save_weights
from dlcli.tasks.torch_predict import load_torch_forward
from tests.export.runs import SIDE, random_detector, shapes_card, write_run


@pytest.fixture(scope="module")
def card():
    return shapes_card()


@pytest.fixture(scope="module")
def net(card):
    return random_detector(card)


def test_a_run_and_its_file_are_the_same(tmp_path, card, net):
    run = write_run(tmp_path / "run", card, net)
    answers = []
    for place in (run, run / "best.safetensors"):
        found, forward = load_torch_forward(place, "detect")
        assert found == card
        answers.append(forward(np.zeros((1, 3, SIDE, SIDE), np.float32)))
    (logits, offsets), (again, _) = answers
    assert logits.shape == (len(offsets), len(card.labels))
    assert offsets.shape[1] == 4
    assert np.array_equal(logits, again)


def test_the_files_own_card_goes_first(tmp_path, card, net):
    """An export into the run's folder may have given the model another name."""
    run = write_run(tmp_path / "run", card, net)
    save_weights(run / "ours.safetensors", net, half=True, card=replace(card, name="ours"))
    assert load_torch_forward(run / "ours.safetensors", "detect")[0].name == "ours"


def test_weights_without_a_card(tmp_path, net):
    save_weights(tmp_path / "w.safetensors", net)
    with pytest.raises(DataError, match="without; name a run's folder"):
        load_torch_forward(tmp_path / "w.safetensors", "detect")


def test_a_run_without_weights(tmp_path, card, net):
    run = write_run(tmp_path / "run", card, net)
    (run / "best.safetensors").unlink()
    with pytest.raises(MissingError, match="no weights yet"):
        load_torch_forward(run, "detect")


@pytest.mark.parametrize("content", [b"", b"not weights at all"])
def test_no_safetensors(tmp_path, content):
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"w\.safetensors: expected a safetensors file"):
        load_torch_forward(path, "detect")


def test_without_torch(tmp_path, monkeypatch):
    for name in [name for name in sys.modules if name.startswith("dlcli.nets")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingError, match=r"torch, not installed here; run: .*install"):
        load_torch_forward(tmp_path, "detect")
