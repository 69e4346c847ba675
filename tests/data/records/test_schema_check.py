"""The own check of records against the library for JSON Schema, over changes of real records."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from dlcli.cli.commands.schema import record_schema
from dlcli.data.records.lines import checked
from dlcli.data.records.schema_check import compiled
from dlcli.errors import DataError
from dlcli.tasks.registry import all_tasks
from tests.hostile.records.mutations import can_be_kept, mutated, real_records
from tests.program import validator_of

WORDS = [
    ({"type": "array", "items": {"type": "number", "minimum": 0}, "minItems": 2, "maxItems": 2}, [0, "x"], "[1]: exp"),
    ({"type": "array", "items": {}, "minItems": 1}, [], ": expected a list of at least 1, got []"),
    ({"enum": ["a", 1]}, True, ': expected "a" or 1, got True'),
    ({"type": ["string", "null"]}, 5, ": expected text or null, got 5"),
    ({"type": "string", "pattern": "^a$"}, "b", ": expected text like ^a$, got 'b'"),
    ({"type": "integer", "minimum": 1, "maximum": 8}, 9, ": expected a whole number of 1 to 8, got 9"),
    ({"type": "object", "additionalProperties": False}, {"x\n": 1}, ".x\\n: is not a field"),
    ({"type": "object", "required": ["x"]}, {}, ".x: is missing"),
    ({"type": "object"}, {"x": [float("nan")]}, ".x: expected finite numbers"),
    ({}, {"\ud800": 1}, ": expected text, got half of a surrogate pair"),
]


@cache
def records():
    with TemporaryDirectory() as folder:
        return real_records(Path(folder))


def accepted(record):
    try:
        checked(record, "r.jsonl: line 1")
    except DataError:
        return False
    return True


def expected(record):
    schema = record.get("schema")
    task = schema[6:-2] if isinstance(schema, str) else ""
    known = schema == f"dlcli.{task}/1" and task in all_tasks()
    return known and can_be_kept(record) and validator_of(task).is_valid(record)


@settings(max_examples=400)
@given(st.randoms(use_true_random=False))
def test_it_accepts_what_json_schema_does(rng):
    record = mutated(rng.choice(records()), rng)
    assert accepted(record) == expected(record), record


def test_real_records_are_themselves():
    assert {record["schema"] for record in records()} == {f"dlcli.{name}/1" for name in all_tasks()}
    for record in records():
        assert checked(record, "") is record


def test_whole_numbers_may_have_a_point():
    record = next(record for record in records() if "detections" in record)
    point = record | {"width": float(record["width"]), "exif_orientation": 1.0}
    assert checked(point, "") == record
    assert type(checked(point, "")["width"]) is int


@pytest.mark.parametrize("task", all_tasks().values(), ids=lambda task: task.name)
def test_every_task_s_schema_is_understood(task):
    Draft202012Validator.check_schema(record_schema(task))
    compiled(record_schema(task))


def test_a_word_that_is_not_known_is_no_silent_yes():
    with pytest.raises(ValueError, match="the words multipleOf are not known"):
        compiled({"type": "object", "properties": {"x": {"type": "integer", "multipleOf": 2}}})


@pytest.mark.parametrize(("schema", "value", "words"), WORDS)
def test_what_is_said(schema, value, words):
    assert compiled(schema)(value).startswith(words)
