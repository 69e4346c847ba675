"""What GitHub Actions shows: annotations by workflow commands on standard error, and the step's summary page.

A runner reads commands from both streams, so standard output stays data.
"""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from dlcli.batch.reports.markdown import render
from dlcli.batch.reports.predictions import (
    BrokenGates,
    gate_counts,
    message_of,
    name_of,
    one_line,
    predictions_of,
    strict_check,
)
from dlcli.batch.reports.summary import RunSummary
from dlcli.batch.sources.skipped import shown
from dlcli.console import Console
from dlcli.errors import DlcliError
from dlcli.tasks.answers import Record

MOST = 10  # annotations of a level that GitHub shows of a step
MOST_BYTES = 1 << 20  # of a step's summary
SUMMARY = "GITHUB_STEP_SUMMARY"
CUT = "\n\nThe summary is cut here: GitHub takes 1 MiB.\n"

Note = tuple[str, str, str, str]  # level, file or "", title, message


def tell(summary: RunSummary, records: Sequence[Record], console: Console) -> None:
    """Annotate, and append to the summary where the runner names a file for it. DlcliError: it cannot be written."""
    for line in annotations(summary, records):
        console.command(line)
    step_page = os.environ.get(SUMMARY)
    if step_page:
        append_summary(Path(step_page), render(summary, records))


def annotations(summary: RunSummary, records: Sequence[Record]) -> Iterator[str]:
    """A line each, at most MOST of a level, and one that says how many more there are."""
    shown = {"error": 0, "warning": 0}
    left = 0
    for level, file, title, message in _notes(summary, records):
        shown[level] += 1
        if shown[level] > MOST:
            left += 1
            continue
        where = f"file={_property(os.path.normpath(file))}," if file else ""
        yield f"::{level} {where}title={_property(title)}::{_data(message)}"
    if left:
        yield f"{left:,} more are not annotated, since GitHub shows {MOST} of a kind; --report markdown=FILE has them"


def _notes(summary: RunSummary, records: Sequence[Record]) -> Iterator[Note]:
    level = "error" if gate_counts(summary) else "warning"
    for gate in summary.gates:
        if gate.broken:
            yield level, "", "dlcli: a gate failed", gate.sentence()
    for kind, number in summary.skipped.items():
        yield "warning", "", "dlcli: not looked at", shown(kind, number)
    for record in records:
        if not record["ok"]:
            harm = "warning" if summary.skip_bad else "error"
            yield (
                harm,
                record["source"],
                f"dlcli: {record['error']['kind']}",
                f"{name_of(record)}: {message_of(record)}",
            )
    broken, harm = BrokenGates(summary.gates), "error" if strict_check(summary) else "warning"
    for record in records:
        for one in broken.of(record):
            yield level, record["source"], "dlcli: fails a gate", f"{name_of(record)}: {one.sentence()}"
        for prediction in predictions_of(summary.task, record):
            if prediction.note:
                yield harm, record["source"], f"dlcli: {prediction.label}", f"{name_of(record)}: {prediction.note}"


def append_summary(path: Path, page: bytes) -> None:
    """The page at the end of the file, cut at the end of a line where both exceed what GitHub takes."""
    try:
        room = MOST_BYTES - (path.stat().st_size if path.exists() else 0)
        if len(page) > room:
            head = page[: max(0, room - len(CUT))]
            page = head[: head.rfind(b"\n") + 1] + CUT.encode() if b"\n" in head else b""
        with path.open("ab") as file:
            file.write(page)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise DlcliError(f"{path}: ${SUMMARY} cannot be written: {reason}; unset it, or fix its folder") from error


def _data(text: str) -> str:
    return _escaped(one_line(text))


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
