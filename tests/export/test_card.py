"""Flags into the card, and the command that trained a run."""

import pytest

from dlcli.errors import UsageError
from dlcli.export.card import parse_score, training_command


def test_a_score_may_hold_a_pipe_in_its_command():
    assert parse_score("map50=0.65 | voc2007 test | dlcli eval detect voc2007 --json | jq .map50") == {
        "metric": "map50",
        "value": 0.65,
        "data": "voc2007 test",
        "command": "dlcli eval detect voc2007 --json | jq .map50",
    }


@pytest.mark.parametrize("text", ["", "map50=0.6", "map50=x | d | c", "map50=nan | d | c", "=1 | d | c", "a=1 | | c"])
def test_refuses_other_forms(text):
    with pytest.raises(UsageError, match="METRIC=VALUE"):
        parse_score(text)


def test_the_command_names_what_differs_from_the_defaults():
    options = {"data": "/home/me/my set", "out": "/tmp/x", "from_": "coco", "batch": 16, "epochs": 7, "skip_bad": True}
    words = "dlcli train detect 'my set' --out run --skip-bad --from coco --epochs 7"
    assert training_command("detect", options | {"threads": 4, "unknown": 1}, "run") == words
