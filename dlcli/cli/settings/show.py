"""Every option with its value and where that comes from; `dlcli config show` prints it. Its text is a dlcli.toml."""

import json
import os
from copy import copy
from typing import Any

from dlcli.cli.settings.files import SettingsFile, find_settings, here
from dlcli.cli.settings.layers import TYPED_ONLY, Settings
from dlcli.cli.spec import Command, plain, read_tree
from dlcli.console import Console
from dlcli.errors import UsageError
from dlcli.frozen import dataclass

SOURCES = {"COMMANDLINE": "command line"}
Found = dict[tuple[str, ...], list["Value"]]


@dataclass(frozen=True)
class Value:
    """An option as it would be. source: default, file, environment or command line. origin: "dlcli.toml:3", or ""."""

    key: str
    value: Any
    source: str
    origin: str


def show_settings(root: Any, words: list[str], as_json: bool) -> None:
    """root: the program's context. words: a command, and words of its own; all commands where it is empty."""
    tree = read_tree(root.command)
    files = [] if root.params.get("no_settings") else find_settings(here())
    Settings(tree, files, {})  # refuses names that no command has
    command, rest = _find(tree, words)
    leaves = [item for item in command.all_commands() if not item.commands]
    found = {item.path: _values(root, item, rest) for item in leaves}
    if command.commands:
        found = {path: [value for value in values if value.source != "default"] for path, values in found.items()}
    console = Console()
    _tell_unknown(Settings(tree, [], os.environ), console)
    if as_json:
        console.data(_as_json(files, found))
        return
    for line in _as_toml(found):
        console.data(line)


def _find(tree: Command, words: list[str]) -> tuple[Command, list[str]]:
    """The command that the words begin with, and the words after it."""
    command, rest = tree, list(words)
    while command.commands and rest:
        below = {item.path[-1]: item for item in command.commands}
        if rest[0] not in below:
            raise UsageError(f"{command.name} {rest[0]}: no such command; expected one of: {', '.join(below)}")
        command = below[rest.pop(0)]
    return command, rest


def _values(root: Any, command: Command, words: list[str]) -> list[Value]:
    """What a command would run with, checked as if it did; arguments may be missing."""
    built = root.command
    for name in command.path:
        built = built.commands[name]
    built = copy(built)
    built.params = [copy(item) for item in built.params]
    for item in built.params:
        item.required = False
    context = built.make_context(" ".join(command.path), list(words), parent=root)
    defaults, found = context.default_map, []
    for option in command.options:
        source, origin = SOURCES.get(context.get_parameter_source(option.name).name, "default"), ""
        setting = defaults.found.get(option.name) if defaults.place(option) else None
        if setting is not None:
            source, origin = "file" if setting.key else "environment", setting.origin
        found.append(Value(option.key, plain(context.params[option.name]), source, origin))
    return found


def _tell_unknown(settings: Settings, console: Console) -> None:
    for name, near in settings.unknown_variables().items():
        if not near:  # the others were reported when they were read
            console.error(f"dlcli: {name}: no option has this variable")


def _as_json(files: list[SettingsFile], found: Found) -> str:
    commands = {" ".join(path): [vars(value) for value in values] for path, values in found.items() if values}
    return json.dumps({"files": [file.path for file in files], "commands": commands}, ensure_ascii=False)


def _as_toml(found: Found) -> list[str]:
    """A table for each command; what cannot stand in a file, or has no value, is a comment."""
    lines: list[str] = []
    for path, values in found.items():
        if values:
            lines += ["", f"[{'.'.join(path)}]", *map(_line, values)]
    return lines[1:] or ["# nothing is set; dlcli config show COMMAND prints the defaults"]


def _line(value: Value) -> str:
    from_where = value.origin or value.source
    if value.value is None or value.value == []:
        return f"# {value.key}: not set"
    line = f"{value.key} = {_toml(value.value)}  # {from_where}"
    return f"# {line}, only on the command line" if value.key in TYPED_ONLY else line


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # otherwise TOML's own way
