"""The folder of a training that somebody else made or damaged: one sentence, no traceback, nothing of it is run."""

import json
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from dlcli.card import ModelCard
from dlcli.nets.factory import build_detector
from dlcli.nets.weights import save_weights
from dlcli.ops.anchors import AnchorGrid
from tests.hostile.inside import outcome
from tests.program import CAT, SAMPLES

GRID = AnchorGrid(64, 64).decoding()
CARD = json.loads(
    ModelCard("mine", "detect", ("a", "b"), (64, 64), (0, 0, 0), (255, 255, 255), decoding=GRID).to_json()
)


class Trap:
    def __reduce__(self):
        return Path.touch, (Path("executed"),)


@pytest.fixture
def run(tmp_path, monkeypatch) -> Path:
    """A run whose network fits its card."""
    monkeypatch.chdir(tmp_path)
    folder = Path("run")
    folder.mkdir()
    configure(folder, CARD)
    save_weights(folder / "best.safetensors", build_detector(ModelCard.from_json(json.dumps(CARD))))
    return folder


def configure(folder, card, options=None):
    (folder / "config.json").write_text(json.dumps({"card": card, "options": options or {}}))


def refused(arguments, words, code=5):
    ran = outcome(arguments)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (code, "", 1), ran.err
    assert words in ran.err, ran.err
    assert not Path("executed").exists()


def test_the_run_itself_is_fine(run):
    assert outcome(["detect", str(CAT), "--model", "run", "--json"]).code == 0


@pytest.mark.parametrize(
    "text",
    ["", "[]", "5", "{}", '{"card": 5, "options": {}}', '{"card": {}, "options": 5}', "[" * 5000, '{"card": "\ud800"}'],
)
def test_a_config_that_is_none(run, text):
    (run / "config.json").write_text(text, errors="surrogatepass")
    for arguments in (["detect", str(CAT), "--model", "run"], ["export", "run"]):
        refused(arguments, "run/config.json: expected the config of a dlcli training, got: ")


@pytest.mark.parametrize(
    ("decoding", "words"),
    [
        ({}, "mine: its card has no anchors: strides"),
        (GRID | {"strides": [0, 0, 0, 0]}, "mine: its card has no anchors: strides"),
        (GRID | {"second_stage": 5}, "mine: expected pooling by align or max, got 5"),
        (GRID | {"second_stage": {"pool": "align"}}, "mine: expected 1 to 100000 proposals"),
        (GRID | {"scales": [1, 2, 3]}, "best.safetensors: does not fit the network: "),
    ],
)
def test_a_card_that_its_weights_do_not_fit(run, decoding, words):
    configure(run, CARD | {"decoding": decoding})
    refused(["detect", str(CAT), "--model", "run"], words)


def test_weights_of_another_network(run):
    save_file({"weight": torch.zeros(3)}, run / "best.safetensors")
    refused(["detect", str(CAT), "--model", "run"], "best.safetensors: does not fit the network: ")
    (run / "best.safetensors").write_bytes(pickle.dumps(Trap()))
    refused(["detect", str(CAT), "--model", "run"], "best.safetensors: expected a safetensors file, got: ")


def test_weights_that_are_no_numbers(run):
    """Once "nothing found", with exit 0."""
    net = build_detector(ModelCard.from_json(json.dumps(CARD)))
    for parameter in net.parameters():
        parameter.data.fill_(torch.nan)
    save_weights(run / "best.safetensors", net)
    refused(["detect", str(CAT), "--model", "run"], "run: the network gives NaN or infinity")


@pytest.mark.parametrize("content", [Trap(), 5, {}, {"net": Trap()}, {"config": {}}, {"net": {"a": torch.zeros(2)}}])
def test_a_state_to_go_on_from_that_is_none(run, content):
    for data in ("torch", "pickle"):
        if data == "torch":
            torch.save(content, run / "last.pt")
        else:
            (run / "last.pt").write_bytes(pickle.dumps(content))
        refused(
            ["train", "detect", str(SAMPLES / "shapes"), "--out", "run", "--resume"],
            "run/last.pt: expected a checkpoint of dlcli train, got ",
        )
