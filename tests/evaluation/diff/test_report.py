"""How a comparison is told: the summary line and the JSON."""

import json

import pytest

from dlcli.evaluation.diff.change import Change
from dlcli.evaluation.diff.describe import describe
from dlcli.evaluation.diff.report import as_json, sentence
from tests.evaluation.diff.records import (
    CAT,
    CUP,
    DOG,
    box,
    difference,
    images,
)

SURE, UNSURE = ({"label": "dark", "class_id": 0, "score": score} for score in (0.9, 0.6))


def test_the_closing_sentence_counts_and_measures():
    a = images([DOG, CAT], [CUP], [CAT])
    b = images([box("dog", 0.9, 12, 10, 62, 60), CAT], [box("cup", 0.48, 70, 5, 90, 30), DOG], [])
    assert sentence(difference(a, b)) == (
        "3 images compared: 0 the same, 1 box moved (2.0 px, IoU 0.92), 1 box drifted (by -0.0200), 1 box lost, "
        "1 box new; largest drift 0.0200 of a score, 2.00 px of a box"
    )
    assert sentence(difference(a, a)) == "3 images compared: all the same; nothing drifted"
    assert sentence(difference(a, images([DOG, CAT], [CUP], [box("cat", 0.8004, 0, 0, 100, 80.5)]))) == (
        "3 images compared: all the same; largest drift 0.0004 of a score, 0.50 px of a box"
    )


def test_the_json_counts_every_kind_and_keeps_its_order():
    found = as_json(difference(images([DOG], [CAT]), images([], [CAT])))
    assert list(found) == [
        *("schema", "a", "b", "task", "changed", "limits", "images", "counts", "drift", "notes", "changes")
    ]
    assert found["counts"] == {
        "box": {"moved": 0, "drifted": 0, "relabeled": 0, "lost": 1, "new": 0},
        "field": {"changed": 0},
        "image": {"failed": 0, "recovered": 0, "lost": 0, "new": 0},
    }
    assert found["changes"] == [
        {"source": "0.jpg", "kind": "lost", "thing": "box", "label": "dog", "a": DOG, "b": None}
    ]
    assert found["images"] == {"a": 2, "b": 2, "compared": 2, "same": 1}


def test_a_mirrored_change_is_itself_when_mirrored_again():
    change = Change("lost", "box", "dog", DOG, None, drift=0.1)
    assert change.mirrored() == Change("new", "box", "dog", None, DOG, drift=-0.1)
    assert change.mirrored().mirrored() == change


@pytest.mark.parametrize(
    ("name", "a", "b", "told"),
    [
        ("classes", [SURE], [UNSURE], "changed: classes dark 0.90 -> dark 0.60"),
        ("classes", [SURE], [SURE, UNSURE], "changed: classes dark 0.90 -> 2 dark (0.90, 0.60)"),
        ("classes", [SURE], [SURE | {"score": 0.901}], f"changed: classes {json.dumps([SURE])} -> "),
        ("classes", [SURE], None, f"changed: classes {json.dumps([SURE])} -> null"),
        ("classes", [{"name": "x"}], ["y"], 'changed: classes [{"name": "x"}] -> ["y"]'),
        ("findings", [{"kind": "cmyk", "message": "m"}], [{"kind": "odd", "message": "n"}], "findings cmyk -> odd"),
        ("outputs", ["a.jpg"], ["b.jpg"], 'changed: outputs ["a.jpg"] -> ["b.jpg"]'),
        ("truncated", True, False, "changed: truncated true -> false"),
    ],
)
def test_a_field_is_told_as_predictions_or_json(name, a, b, told):
    assert told in describe(Change("changed", "field", name, a, b), "a.jsonl", "b.jsonl")
