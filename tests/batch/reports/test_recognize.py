"""A report is known as one of dlcli's whatever its task and summary, and one that was added to is not."""

from dataclasses import replace

import pytest

from dlcli.batch.reports.recognize import SARIF, is_report
from dlcli.batch.reports.sarif import SCHEMA
from dlcli.batch.reports.spec import EXAMPLES, parse_reports
from dlcli.batch.reports.write import write_reports
from dlcli.console import Console
from tests.batch.reports.conftest import COMMANDS

FILES = [kind for kind in EXAMPLES if kind != "github"]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_report_of_every_task(runs, name, tmp_path):
    run = runs[name]
    summary = replace(run.summary, images=0, failures=0, gates=(), model="")
    for kind in FILES:
        specs = parse_reports([f"{kind}={tmp_path}/{kind}"])
        for given in ((run.summary, run.records), (summary, [])):
            write_reports(specs, *given, Console(quiet=True), run.out)
            assert is_report(kind, tmp_path / kind), kind
        assert [other for other in FILES if is_report(other, tmp_path / kind)] == [kind]


@pytest.mark.parametrize("kind", FILES)
def test_what_was_added_to_or_cut_is_none(runs, kind, tmp_path):
    path = tmp_path / "report"
    write_reports(
        parse_reports([f"{kind}={path}"]), runs["detect"].summary, runs["detect"].records, Console(quiet=True)
    )
    whole = path.read_bytes()
    for changed in (whole + b"mine\n", b"mine\n" + whole, whole[:-5], b"\n" + whole):
        path.write_bytes(changed)
        assert not is_report(kind, path)


def test_the_head_of_sarif_is_the_writers():
    assert SCHEMA.encode() in SARIF


@pytest.mark.parametrize("end", [b"", b"5]}", b"{}]}", b'{"tool": {"driver": {"name": "eslint"}}}]}', b"[" * 100_000])
def test_sarif_of_others(tmp_path, end):
    (tmp_path / "r").write_bytes(SARIF + end)
    assert not is_report("sarif", tmp_path / "r")


def test_what_cannot_be_read_is_none(tmp_path):
    assert not is_report("csv", tmp_path / "nowhere")
