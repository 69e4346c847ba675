"""A run's folder read back."""

import json

import pytest

from dlcli.card import ModelCard
from dlcli.errors import DataError, MissingError
from dlcli.models.run_folder import read_run

CARD = ModelCard("a", "detect", ("x",), (64, 64), (0.0, 0.0, 0.0), (1.0, 1.0, 1.0))


def test_card_options_and_weights(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"card": json.loads(CARD.to_json()), "options": {"epochs": 3}}))
    run = read_run(tmp_path)
    assert (run.card, run.options) == (CARD, {"epochs": 3})
    with pytest.raises(MissingError, match="no weights yet"):
        _ = run.weights
    (tmp_path / "best.safetensors").touch()
    assert run.weights == tmp_path / "best.safetensors"


def test_no_run(tmp_path):
    with pytest.raises(MissingError, match=r"got no config\.json"):
        read_run(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"card": {}, "options": {}}', '{"card": 1}'])
def test_no_config(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(DataError, match=r"config\.json: expected the config of a dlcli training"):
        read_run(tmp_path)
