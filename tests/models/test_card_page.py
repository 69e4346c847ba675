"""A card as people read it."""

import json

import pytest

from dlcli.card import read_card
from dlcli.models.card_page import card_page
from dlcli.models.store import locate
from tests.cli.test_models import BUNDLED


@pytest.mark.parametrize("name", [path.stem for path in sorted(BUNDLED.glob("*.onnx"))])
def test_bundled_cards_have_a_page_without_json(name):
    card = json.loads(read_card(locate(name, "MODEL")).to_json())
    lines = list(card_page(card))
    assert lines[0] == f"{name}: {card['task']}, Apache-2.0"
    assert not [line for line in lines if "{" in line or "[" in line]
    assert "  pictures: " not in "\n".join(lines)
    assert sum(line.startswith("  ") and "on" in line for line in lines) >= len(card["scores"])


def test_what_is_empty_or_not_said_is_left_out():
    card = {"schema": "x", "name": "mine", "task": "detect", "license": "", "labels": [], "scores": [], "pre": ""}
    assert list(card_page(card | {"input": [64, 32], "training": {"seed": 0}})) == [
        "mine: detect, license not stated",
        "input: 64 x 32 pixels",
        "training:",
        "  seed: 0",
    ]
