"""`dlcli runs list|compare|report`: trainings side by side, and the page of one. Light: no torch."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from dlcli.console import Console
from dlcli.errors import UsageError

Json = Annotated[bool, typer.Option("--json", help="JSON in place of a table.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(group, name="runs", help="List and compare trainings by their folders.")
    group.command("list", help="List the runs below folders, with their best metric.")(list_all)
    group.command("compare", help="Show what runs differ in, and what came of each.")(compare)
    group.command("report", help="Write RUN/report.html, the page of a run, again.")(report)


def list_all(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="FOLDER", help="Where to look; default: here.")
    ] = None,
    as_json: Json = False,
) -> None:
    from dlcli.cli.commands.eval_text import columns
    from dlcli.evaluation.runs.summary import find_runs, summarize

    console, found = Console(), [summarize(path) for path in find_runs(folders or [Path(".")])]
    if as_json:
        console.data(json.dumps([asdict(run) for run in found], ensure_ascii=False))
        return
    rows = [
        (run.path, run.task, run.state or "-", str(run.epochs), *_best(run), _time(run.seconds), run.began or "-")
        for run in found
    ]
    columns(console, ("run", "task", "state", "epochs", "best", "at", "time", "began"), rows)


def compare(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN", help="Folders of runs, two or more.")],
    as_json: Json = False,
) -> None:
    from dlcli.cli.commands.eval_text import columns
    from dlcli.evaluation.runs.compare import differences, results
    from dlcli.evaluation.runs.summary import summarize

    if len(runs) < 2:
        raise UsageError(f"dlcli runs compare {runs[0]}: expected two runs or more")
    console, found = Console(), [summarize(path) for path in runs]
    differ, came = differences(found), results(found)
    if as_json:
        paths = [run.path for run in found]
        console.data(json.dumps({"runs": paths, "differences": dict(differ), "results": dict(came)}))
        return
    columns(console, ("", *(run.path for run in found)), [_row(name, values) for name, values in (*differ, *came)])
    if not differ:
        console.say("the runs differ in no option, data or version")


def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN", help="Folders of runs.")],
) -> None:
    from dlcli.training.runs.report.page import write_report

    for run in runs:
        Console().line(str(write_report(run)))


def _best(run: Any) -> tuple[str, str]:
    if run.best is None:
        return "-", "-"
    return f"{run.metric} {run.best:.4f}", str(run.best_epoch)


def _time(seconds: float | None) -> str:
    from dlcli.units import duration

    return "-" if seconds is None else duration(seconds)


def _row(name: str, values: Sequence[Any]) -> tuple[str, ...]:
    return name, *(
        "-" if value is None else f"{value:.4g}" if isinstance(value, float) else str(value) for value in values
    )
