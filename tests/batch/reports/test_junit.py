"""JUnit files as junitparser and the standard library read them."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import junitparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.batch.gates.outcome import GateOutcome
from dlcli.batch.reports.junit import render
from dlcli.errors import ExitCode
from tests.batch.reports.conftest import COMMANDS, failed, found, summary_of


def parsed(data: bytes) -> junitparser.TestSuite:
    whole = junitparser.JUnitXml.fromstring(data)
    (suite,) = list(whole)
    assert (whole.tests, whole.failures, whole.errors) == (suite.tests, suite.failures, suite.errors)
    assert (suite.tests, suite.failures, suite.errors, suite.skipped) == counted(suite)
    return suite


def counted(suite: junitparser.TestSuite) -> tuple[int, int, int, int]:
    kinds = [type(result) for case in suite for result in case.result]
    each = (junitparser.Failure, junitparser.Error, junitparser.Skipped)
    return len(list(suite)), *(kinds.count(kind) for kind in each)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_case_an_image_and_one_for_each_gate_on_all_of_them(runs, name):
    run = runs[name]
    suite = parsed(render(run.summary, run.records))
    assert suite.name == f"dlcli.{run.summary.task}"
    assert [case.name for case in suite][: len(run.records)] == [record["source"] for record in run.records]
    assert (suite.tests, suite.errors, suite.failures) == (len(run.records) + 2, 4, 2)
    broken = {case.name for case in suite if any(isinstance(result, junitparser.Failure) for result in case.result)}
    assert broken == {"sample_data/astronaut.jpg", "--fail-if total: count(cat) > 3"}


def test_what_a_failure_and_an_error_say(runs):
    cases = {case.name: case for case in parsed(render(runs["detect"].summary, runs["detect"].records))}
    (failure,) = cases["sample_data/astronaut.jpg"].result
    assert failure.message == failure.text == "--fail-if 'count(person) > 0' matches: person 0.78"
    (error,) = cases["sample_data/broken/empty.jpg"].result
    assert (error.type, error.message) == ("empty", "the file is empty (0 bytes); copy or download the file again")
    assert "cat 0." in cases["sample_data/cat.jpg"].system_out


def test_two_gates_of_an_image_are_one_failure():
    gates = tuple(GateOutcome("--fail-if", f"no({label})", True, ("a.jpg",), "1 of 1") for label in ("cat", "dog"))
    records = [found("a.jpg", "cat")]
    (case,) = parsed(render(summary_of(records, gates=gates, code=ExitCode.GATE), records))
    assert [result.text.count("\n") for result in case.result] == [1]


def test_with_skip_bad_a_failed_image_is_skipped():
    records = [failed("a.jpg"), found("b.jpg")]
    suite = parsed(render(summary_of(records, skip_bad=True, code=ExitCode.DONE), records))
    assert (suite.errors, suite.skipped) == (0, 1)


def test_a_strict_check_fails_by_its_findings(runs):
    run = runs["check"]
    whole = [record for record in run.records if record["ok"]]
    summary = replace(run.summary, gates=(), exit_code=ExitCode.GATE)
    assert parsed(render(summary, whole)).failures == sum(bool(record["findings"]) for record in whole) > 3
    assert parsed(render(replace(summary, exit_code=ExitCode.DONE), whole)).failures == 0


def test_times_are_those_of_timings_alone():
    records = [found("a.jpg") | {"timings": {"read_ms": 1500.0, "predict_ms": 25.0}}, found("b.jpg")]
    suite = parsed(render(summary_of(records), records))
    assert [case.time for case in suite] == [1.525, None]
    assert suite.time == 1.525
    assert b"time" not in render(summary_of(records[1:]), records[1:])


def test_parts_of_an_image_have_their_numbers():
    crop = {"index": 3, "label": "cat", "box": [0, 0, 9, 9]}
    record = found("a.jpg", "cat") | {"crop": crop}
    gate = GateOutcome("--fail-if", "no(cat)", True, ("a.jpg#3",), "1 of 1")
    suite = parsed(render(summary_of([record], gates=(gate,)), [record]))
    assert [case.name for case in suite] == ["a.jpg#3"]
    assert suite.failures == 1


@given(st.text(st.characters(), min_size=1), st.text(st.characters()))
def test_any_text_gives_xml_that_holds_it(name, label):
    """Also control characters, lone surrogates and U+FFFE, which XML cannot hold."""
    records = [found(name, label), failed(name, label or "x", label)]
    data = render(summary_of(records), records)
    cases = ET.fromstring(data).findall("testsuite/testcase")
    assert len(cases) == len(list(parsed(data))) == 2
    if name.isprintable() and name.isascii():
        assert cases[0].get("name") == name
