"""Sentences that the page and the manual page share."""

import json

from dlcli.cli.spec import Command, Parameter
from dlcli.errors import ExitCode

EXIT_CODES = {
    ExitCode.DONE: "done",
    ExitCode.GATE: "a gate broke, or dlcli diff found a change",
    ExitCode.USAGE: "wrong usage, also a folder or glob without a picture, or a wrong settings file",
    ExitCode.INCOMPLETE: "done, but some inputs failed",
    ExitCode.MISSING: "a model or an extra is missing",
    ExitCode.STOPPED: "could not go on: disk full, model file or data set unusable",
    ExitCode.BUG: "a bug of ours; --debug shows the traceback",
    ExitCode.INTERRUPTED: "Ctrl-C",
    ExitCode.CLOSED_PIPE: "a closed pipe",
    ExitCode.TERMINATED: "SIGTERM",
}
SETTINGS = (
    "Where a command line is silent, options take their values from the environment (DLCLI_DETECT_CONF=0.4, "
    "DLCLI_CONF=0.4), then from the nearest dlcli.toml, then from [tool.dlcli] in the nearest pyproject.toml. Both are "
    "looked for from the working directory upwards, to the root of its repository (the folder with .git) or file "
    "system.",
    "A key is an option's name without its dashes, max_det or max-det. It stands at the top for every command that has "
    "the option, or in the table of a command or of a group of them: [detect], [train], [train.detect]. The stronger "
    "source wins; within one, the variable or table of the command itself. An array fills an option that takes a LIST "
    "or may be given several times; a variable holds one value a line for the latter, and an empty one is not set. "
    "File names are taken from the working directory, as if typed.",
    "Arguments, --overwrite, --move, --allow-loss, --plan and --debug are given on the command line only. A flag that "
    "settings turn on is turned off by its name with no-: --no-quiet; dlcli --no-settings reads none of them. dlcli "
    "config show COMMAND prints what holds and where it comes from, as TOML.",
)


def usage(command: Command) -> str:
    """ "dlcli detect [OPTIONS] [SOURCE]..." """
    words = [command.name, "[OPTIONS]"] if command.options else [command.name]
    words += ["COMMAND ..."] if command.commands else [_placed(item) for item in command.arguments]
    return " ".join(words)


def panels(command: Command) -> dict[str, list[Parameter]]:
    """Options by the title that they stand under, in the order of --help."""
    found: dict[str, list[Parameter]] = {}
    for option in command.options:
        found.setdefault(option.panel or "Options", []).append(option)
    return found


def details(parameter: Parameter) -> str:
    """The range and default of a value, whether it must be given; "" where there is nothing to say."""
    parts = [parameter.limits]
    parts += ["several may be given"] if parameter.several and not parameter.argument else []
    parts += ["required"] if parameter.required and not parameter.argument else []
    told = parameter.default not in (None, "", False, [])
    parts += [f"default {_default(parameter)}"] if told and not parameter.required else []
    return "; ".join(part for part in parts if part)


def _default(parameter: Parameter) -> str:
    value = parameter.default
    if value is True:
        return f"on, off with {parameter.negations[0]}"
    return value if isinstance(value, str) else json.dumps(value)


def _placed(argument: Parameter) -> str:
    name = (argument.metavar or argument.name.upper()).strip("[]")
    return (name if argument.required else f"[{name}]") + ("..." if argument.several else "")
