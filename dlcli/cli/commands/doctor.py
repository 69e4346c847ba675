"""`dlcli doctor`: is this installation sound; `dlcli doctor DATASET`: is this data set. Light: no torch."""

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlcli.cli.build import add_command
from dlcli.console import BAD, DOUBTFUL, Console
from dlcli.data.kind_names import IN_ORDER
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.tasks.options import THERE, option
from dlcli.tasks.registry import all_tasks

if TYPE_CHECKING:
    from dlcli.doctor.finding import Finding

HELP = """Check this installation, or a data set.

Without DATASET: versions, processor, threads, devices, and a golden image through each model. With it: files that
cannot be used, images that are blank, doubled, labeled in two ways or in two splits, and classes with few examples.

A line a check: ok, warning or fault, and what to do. No network is used. Exit code 5 where there is a fault; with
--strict 1 where there is a warning; else 0."""


AUTO = "auto"
LABELED = [task.name for kind in IN_ORDER for task in all_tasks().values() if task.kind == kind]
SetTask = StrEnum("SetTask", [(word, word) for word in (AUTO, *LABELED)])  # type: ignore[misc]
ANY = SetTask(AUTO)


@dataclass(frozen=True, kw_only=True)
class DoctorOptions:
    """Options of `dlcli doctor`."""

    dataset: Annotated[
        Path | None, typer.Argument(metavar="DATASET", help="A labeled set; its format is detected.", **THERE)
    ] = None
    task: Annotated[SetTask, option("What the set's labels are for; auto: boxes, else masks, else classes.")] = ANY
    splits: Annotated[
        str, option("The set's splits to look at and compare; default train, val and test, else all.", metavar="LIST")
    ] = ""
    clip_boxes: Annotated[
        bool, option("Clip boxes that reach out of their image instead of refusing them.", "--clip-boxes", "--clip")
    ] = False
    tune: Annotated[
        bool,
        option(
            "Keep the models below ~/.cache/dlcli as ONNX Runtime arranges them for this processor: they open in half "
            "the time and answer the same. Do it again after an upgrade.",
            "--tune",
        ),
    ] = False
    strict: Annotated[bool, option("Exit 1 on warnings.", "--strict")] = False
    json: Annotated[bool, option("One JSON object with every finding and its numbers.", "--json")] = False
    quiet: Annotated[bool, option("Print only warnings and faults.", "--quiet", "-q")] = False
    debug: Annotated[bool, option("Show the traceback on internal errors.", "--debug")] = False


def add_to(app: typer.Typer) -> None:
    add_command(app, "doctor", HELP, (DoctorOptions,), _doctor)


def _doctor(options: DoctorOptions) -> None:
    from dlcli.doctor.finding import exit_code

    console = Console(options.quiet)
    if options.tune:
        findings = _tune(options, console)
    elif options.dataset is not None:
        findings = _look_at_set(options, options.dataset, console)
    elif options.task is not ANY or options.splits:
        raise UsageError("--task and --splits are about a data set; name it: dlcli doctor DATASET")
    else:
        from dlcli.doctor.installation import examine

        findings = _tell(examine(), options, console)
    raise typer.Exit(exit_code(findings, options.strict))


def _tune(options: DoctorOptions, console: Console) -> "list[Finding]":
    from dlcli.doctor.tune import tune

    if options.dataset is not None or options.task is not ANY or options.splits:
        raise UsageError("--tune is about this installation, not about a data set; leave that out")
    return _tell(tune(), options, console)


def _look_at_set(options: DoctorOptions, place: Path, console: Console) -> "list[Finding]":
    from dlcli.doctor.dataset import examine_set
    from dlcli.doctor.labeled_set import read_set

    splits = tuple(word.strip() for word in options.splits.split(",") if word.strip())
    data = read_set(place, "" if options.task is ANY else options.task.value, splits, options.clip_boxes)
    with console.progress("looking", None) as bar:
        return _tell(examine_set(data, bar.at), options, console, dataset=str(place))


def _tell(checks: "Iterable[Finding]", options: DoctorOptions, console: Console, **head: object) -> "list[Finding]":
    """Each finding as soon as it is known, or all as one JSON object; then the sentence."""
    from dlcli.doctor.finding import State, sentence, to_json

    colors = {State.OK: "", State.WARNING: DOUBTFUL, State.FAULT: BAD}
    findings = []
    for finding in checks:
        findings.append(finding)
        if not options.json and not (options.quiet and finding.state is State.OK):
            for line in finding.lines():
                Console().line(line, colors[finding.state])
    if options.json:
        console.data(to_json(findings, **head))
    console.say(sentence(findings))
    return findings
