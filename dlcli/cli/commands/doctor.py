"""`dlcli doctor`: is this installation sound; `dlcli doctor DATASET`: is this data set. Light: no torch."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from dlcli.cli.build import add_command
from dlcli.console import Console
from dlcli.tasks.options import option

if TYPE_CHECKING:
    from dlcli.doctor.finding import Finding

HELP = """Look at this installation: versions, processor, threads, devices, and a golden picture through each model.

A line a check: ok, warning or fault, and what to do. No network is used. Exit code 5 where there is a fault; with
--strict 1 where there is a warning; else 0."""


@dataclass(frozen=True, kw_only=True)
class DoctorOptions:
    """Options of `dlcli doctor`."""

    strict: Annotated[bool, option("Exit with 1 where there are warnings.", "--strict")] = False
    json: Annotated[bool, option("One JSON object with every finding and its numbers.", "--json")] = False
    quiet: Annotated[bool, option("Only warnings and faults, and no closing sentence.", "--quiet", "-q")] = False
    debug: Annotated[bool, option("A traceback where dlcli itself is at fault.", "--debug")] = False


def add_to(app: typer.Typer) -> None:
    add_command(app, "doctor", HELP, (DoctorOptions,), _doctor)


def _doctor(options: DoctorOptions) -> None:
    from dlcli.doctor.finding import exit_code
    from dlcli.doctor.installation import examine

    raise typer.Exit(exit_code(tell(examine(), options), options.strict))


def tell(findings: "Iterable[Finding]", options: DoctorOptions) -> "list[Finding]":
    """Each as a line as soon as it is known, or all as one JSON object; then the sentence."""
    from dlcli.doctor.finding import State, sentence, to_json

    console, told = Console(options.quiet), []
    for finding in findings:
        told.append(finding)
        if not options.json and not (options.quiet and finding.state is State.OK):
            console.line(finding.line())
    if options.json:
        console.data(to_json(told))
    console.say(sentence(told))
    return told
