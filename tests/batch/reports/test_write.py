from dataclasses import replace
from pathlib import Path

import pytest

from dlcli.batch.reports.spec import EXAMPLES, parse_reports
from dlcli.batch.reports.write import write_reports
from dlcli.console import Console
from dlcli.errors import DlcliError
from tests.batch.reports.conftest import COMMANDS

FILES = [kind for kind in EXAMPLES if kind != "github"]


@pytest.fixture(autouse=True)
def _no_runner(monkeypatch):
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("kind", FILES)
def test_every_kind_is_written_for_every_task_and_equal_runs_are_equal_bytes(runs, name, kind, tmp_path):
    run = runs[name]
    for folder in "ab":
        specs = parse_reports([f"{kind}={tmp_path}/{folder}/new/report"])
        write_reports(specs, run.summary, run.records, Console(), run.out)
    first, second = (tmp_path / folder / "new/report" for folder in "ab")
    assert first.read_bytes() == second.read_bytes() != b""
    assert "damaged.jpg" in first.read_text("utf-8").replace("\\", "")


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_run_without_images_has_reports_too(runs, kind, tmp_path):
    summary = replace(runs["detect"].summary, images=0, failures=0, gates=(), model="")
    specs = parse_reports([kind if kind == "github" else f"{kind}={tmp_path}/report"])
    write_reports(specs, summary, [], Console())
    assert kind == "github" or (tmp_path / "report").read_bytes()


def test_several_reports_at_once(runs, tmp_path, capsys):
    run = runs["detect"]
    specs = parse_reports([f"junit={tmp_path}/a.xml", "github", f"csv={tmp_path}/a.csv"])
    write_reports(specs, run.summary, run.records, Console(quiet=True))
    out, err = capsys.readouterr()
    assert not out  # which is for data
    assert err.startswith("::error ")
    assert {path.name for path in Path(tmp_path).iterdir()} == {"a.xml", "a.csv"}


def test_a_place_that_cannot_be_written_is_named(runs, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DlcliError, match=r"--report csv: .*file/report: cannot be written: .* choose another file"):
        write_reports(
            parse_reports([f"csv={tmp_path}/file/report"]), runs["detect"].summary, runs["detect"].records, Console()
        )
