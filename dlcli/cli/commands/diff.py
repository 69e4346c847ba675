"""`dlcli diff A.jsonl B.jsonl`: what changed between two runs."""

import math
from typing import Annotated

import typer

from dlcli.cli.build import add_command
from dlcli.console import Console
from dlcli.errors import ExitCode, UsageError
from dlcli.frozen import dataclass
from dlcli.tasks.options import option

HELP = (
    "Compare two files of records.\n\n"
    "Such as before and after a new model, setting or version. Images are paired by source. "
    "Exit code 1 if anything changed by more than the limits."
)
EXAMPLES = ("dlcli diff before.jsonl after.jsonl", "dlcli diff found/results.jsonl again/results.jsonl --iou 0.8")
SAME, DISPLAY = "Tolerances", "Display"


@dataclass(frozen=True)
class DiffOptions:
    before: Annotated[str, typer.Argument(metavar="A.jsonl", help="Records, as --json and --out write them.")]
    after: Annotated[str, typer.Argument(metavar="B.jsonl", help="Records of the same command; - for standard input.")]
    iou: Annotated[float, option("IoU from which two boxes or masks are the same.", panel=SAME, min=0.01, max=1)] = 0.9
    tol: Annotated[float, option("Tolerance of scores and shares.", panel=SAME, min=0)] = 1e-3
    pixels: Annotated[float, option("Tolerance of box coordinates in pixels.", panel=SAME, min=0)] = 1.0
    exit_zero: Annotated[bool, option("Report changes, but exit 0.", "--exit-zero", panel=DISPLAY)] = False
    json: Annotated[bool, option("One JSON object with counts and changes.", "--json", panel=DISPLAY)] = False
    quiet: Annotated[
        bool, option("Print nothing but errors; --json still prints the changes.", "--quiet", "-q", panel=DISPLAY)
    ] = False
    debug: Annotated[bool, option("Show the traceback on internal errors.", "--debug", panel=DISPLAY)] = False


def add_to(app: typer.Typer) -> None:
    add_command(app, "diff", HELP, (DiffOptions,), diff, EXAMPLES)


def diff(options: DiffOptions) -> None:
    _check(options)
    from dlcli.evaluation.diff import report as tell
    from dlcli.evaluation.diff.by_label import label_lines
    from dlcli.evaluation.diff.change import Limits
    from dlcli.evaluation.diff.compare import compare
    from dlcli.evaluation.diff.record_file import read_record_file

    console = Console(options.quiet)
    files = read_record_file(options.before), read_record_file(options.after)
    with console.progress("comparing", max(len(file.lines) for file in files)) as bar:
        difference = compare(*files, Limits(options.iou, options.tol, options.pixels), bar.step)
    if options.json:
        console.data(tell.to_text(difference))
    else:
        for line in tell.lines(difference):
            console.line(line)
    for line in [*tell.notes(difference), *label_lines(difference), tell.sentence(difference)]:
        console.say(line)
    if difference.changes and not options.exit_zero:
        raise typer.Exit(ExitCode.GATE)


def _check(options: DiffOptions) -> None:
    for name in ("iou", "tol", "pixels"):
        if not math.isfinite(getattr(options, name)):
            raise UsageError(f"--{name} {getattr(options, name)}: expected a finite number")
    if options.before == options.after == "-":
        raise UsageError("only one of the two files can come through standard input; name a file for the other")
