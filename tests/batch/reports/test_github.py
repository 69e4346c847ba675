from urllib.parse import unquote

import pytest

from dlcli.batch.gates.outcome import GateOutcome
from dlcli.batch.reports.github import CUT, MOST, MOST_BYTES, annotations, append_summary, tell
from dlcli.console import Console
from dlcli.errors import DlcliError, ExitCode
from tests.batch.reports.conftest import failed, found, summary_of


def parsed(line: str) -> tuple[str, dict[str, str], str]:
    """Level, properties and message of a workflow command, as a runner takes it apart."""
    _, command, message = line.split("::", 2)
    level, _, rest = command.partition(" ")
    return (
        level,
        {key: unquote(value) for key, _, value in (p.partition("=") for p in rest.split(","))},
        unquote(message),
    )


def test_gates_first_then_failures_then_images_that_broke_a_gate():
    gate = GateOutcome("--fail-if", "count(cat) > 0", True, ("b.jpg",), "1 of 1 images matches", ("cat 0.90",))
    records = [found("b.jpg", "cat"), failed("a.jpg")]
    lines = [parsed(line) for line in annotations(summary_of(records, gates=(gate,)), records)]
    assert lines == [
        ("error", {"title": "dlcli: a gate failed"}, "FAIL  --fail-if 'count(cat) > 0': 1 of 1 images matches"),
        ("error", {"file": "a.jpg", "title": "dlcli: empty"}, "a.jpg: the file is empty (0 bytes)"),
        (
            "error",
            {"file": "b.jpg", "title": "dlcli: fails a gate"},
            "b.jpg: --fail-if 'count(cat) > 0' matches: cat 0.90",
        ),
    ]


@pytest.mark.parametrize("name", ["a,b:c.jpg", "50%25.jpg", "a\nb\r.jpg", "::error::x.jpg", "x,title=y.jpg"])
def test_names_do_not_end_a_property_or_a_line(name):
    (line,) = annotations(summary_of([failed(name)]), [failed(name)])
    assert "\n" not in line
    assert "\r" not in line
    level, properties, message = parsed(line)
    assert (level, properties) == ("error", {"file": name, "title": "dlcli: empty"})
    assert message.startswith(name.replace("\n", "\\x0a").replace("\r", "\\x0d"))


def test_paths_are_as_the_repository_has_them():
    (line,) = annotations(summary_of([failed("./a/../b.jpg")]), [failed("./a/../b.jpg")])
    assert parsed(line)[1]["file"] == "b.jpg"


def test_ten_of_a_level_are_shown_and_the_others_counted():
    records = [failed(f"{i}.jpg") for i in range(MOST + 7)]
    *shown, last = annotations(summary_of(records), records)
    assert len(shown) == MOST
    assert last.startswith("7 more are not annotated")


def test_what_is_only_told_is_a_warning(runs):
    run = runs["check"]
    summary = summary_of(run.records, "preprocess", run.summary.gates, ExitCode.DONE, skip_bad=True)
    assert {parsed(line)[0] for line in annotations(summary, run.records) if line.startswith("::")} == {"warning"}


def test_a_strict_check_that_broke_is_an_error(runs):
    whole = [record for record in runs["check"].records if record["ok"]]
    lines = list(annotations(summary_of(whole, "preprocess", code=ExitCode.GATE), whole))
    assert {parsed(line)[0] for line in lines} == {"error"}


def test_standard_output_stays_data_and_the_summary_is_appended(tmp_path, monkeypatch, capsys):
    page = tmp_path / "summary.md"
    page.write_text("of another step\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    tell(summary_of([failed("a.jpg")]), [failed("a.jpg")], Console(quiet=True))
    out, err = capsys.readouterr()
    assert not out
    assert err.startswith("::error file=a.jpg,")
    assert page.read_text().startswith("of another step\n## dlcli detect\n")


def test_a_summary_ends_where_github_ends(tmp_path):
    page = tmp_path / "summary.md"
    lines = b"a line\n" * (MOST_BYTES // 7 + 100)
    append_summary(page, lines)
    assert MOST_BYTES - 10 <= page.stat().st_size <= MOST_BYTES
    assert page.read_text().endswith(f"a line\n{CUT}")
    append_summary(page, lines)
    assert page.stat().st_size <= MOST_BYTES


def test_a_summary_that_cannot_be_written_is_named(tmp_path):
    with pytest.raises(DlcliError, match="GITHUB_STEP_SUMMARY cannot be written"):
        append_summary(tmp_path / "none/summary.md", b"x")
