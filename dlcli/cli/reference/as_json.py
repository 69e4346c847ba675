"""`dlcli --help-json [COMMAND]`: commands, options, types, defaults, ranges and help, for programs."""

import json
from typing import Any

import typer

from dlcli import __version__
from dlcli.cli.settings.layers import TYPED_ONLY, variables
from dlcli.cli.spec import Command, Parameter, read_tree
from dlcli.errors import UsageError

SCHEMA = "dlcli.help/1"


def help_json(app: typer.Typer, words: list[str]) -> str:
    """One line of JSON: the command that the words name, and those below it. UsageError where there is none."""
    tree = read_tree(typer.main.get_command(app))
    command = tree.find(tuple(words))
    if command is None:
        below = next(found for n in range(len(words), -1, -1) if (found := tree.find(tuple(words[:n]))))
        names = ", ".join(item.path[-1] for item in below.commands) or "nothing more"
        raise UsageError(f"--help-json: no command {' '.join(words)}; {below.name} is followed by: {names}")
    return json.dumps({"schema": SCHEMA, "version": __version__, **command_data(command)}, ensure_ascii=False)


def command_data(command: Command) -> dict[str, Any]:
    """A command as JSON values; "commands" holds the same of those below it."""
    return {
        "command": command.name,
        "help": command.help,
        "arguments": [_argument(item) for item in command.arguments],
        "options": [_option(command, item) for item in command.options],
        "commands": [command_data(item) for item in command.commands],
    }


def _argument(argument: Parameter) -> dict[str, Any]:
    return {"name": argument.name, **_value(argument)}


def _option(command: Command, option: Parameter) -> dict[str, Any]:
    """settings: its key in a settings file, and its variables, strongest first; null where it cannot stand there."""
    settings = {"key": option.key, "variables": variables(command, option)}
    return {
        "names": list(option.names),
        "off": list(option.negations),
        "panel": option.panel,
        **_value(option),
        "settings": None if option.key in TYPED_ONLY else settings,
    }


def _value(parameter: Parameter) -> dict[str, Any]:
    """type: flag, integer, number, text, path or choice. minimum, maximum: null where there is none."""
    return {
        "type": parameter.kind,
        "choices": list(parameter.choices),
        "metavar": parameter.shown,
        "several": parameter.several,
        "required": parameter.required,
        "default": parameter.default,
        "minimum": parameter.minimum,
        "maximum": parameter.maximum,
        "help": parameter.help,
    }
