"""Writes every report that was asked for, at the end of a run; a kind's own code is loaded only when it is needed."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from dlcli.batch.reports.spec import GITHUB, ReportSpec
from dlcli.batch.reports.summary import RunSummary
from dlcli.console import Console
from dlcli.errors import DlcliError
from dlcli.tasks.answers import Record
from dlcli.whole_file import write_whole

MODULES = {"junit": "junit", "sarif": "sarif", "markdown": "markdown", "csv": "csv_table"}


def write_reports(
    specs: Sequence[ReportSpec],
    summary: RunSummary,
    records: Sequence[Record],
    console: Console,
    out: Path | None = None,
) -> None:
    """Each file appears whole or not at all; equal summary and records give equal bytes.

    records: of the whole run, in its order. out: the folder of the run's files, from which html shows them. DlcliError:
    a file cannot be written.
    """
    for spec in specs:
        if spec.kind == GITHUB:
            from dlcli.batch.reports import github

            github.tell(summary, records, console)
        elif spec.path is not None:
            _write(spec.path, spec.kind, _render(spec.kind, summary, records, console, out))


def _write(path: Path, kind: str, data: bytes) -> None:
    try:
        write_whole(path, data)
    except DlcliError as error:  # its advice is for --out
        raise DlcliError(f"--report {kind}: {str(error).replace('another --out', 'another file')}") from error


def _render(kind: str, summary: RunSummary, records: Sequence[Record], console: Console, out: Path | None) -> bytes:
    if kind == "html":  # which alone reads images
        from dlcli.batch.reports.html import page as html_page

        return html_page.render(summary, records, out, console)
    return import_module(f"dlcli.batch.reports.{MODULES[kind]}").render(summary, records)
