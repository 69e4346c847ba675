"""What holds for a command where its command line is silent: settings files and the environment, weakest first.

Layers: [tool.dlcli] in pyproject.toml, dlcli.toml, DLCLI_* variables. Within a layer a table or variable of the
command is stronger than that of its group, and that stronger than what holds for all commands.

All of them reach the parser as click's default_map. Its auto_envvar_prefix would know one variable for an option, not
three, and would split 'count(dog) > 0' at its blanks, so variables are read here.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from dlcli.cli.settings.files import SettingsFile
from dlcli.cli.settings.trust import Refusal, not_ours, refuse
from dlcli.cli.settings.values import PREFIX, from_environment, from_file
from dlcli.cli.spec import Command, Parameter
from dlcli.console import printable
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.messages import nearest
from dlcli.spelling import keys_of_today, today

# What loses data, or is about one run: given on the command line only.
TYPED_ONLY = (
    *("overwrite", "move", "allow_loss", "plan", "debug", "version", "no_settings", "uncolored", "help_json"),
    *("config", "from_run"),
)
OTHER_VARIABLES = ("DLCLI_MODELS", "DLCLI_NO_SETTINGS")  # read elsewhere


@dataclass(frozen=True)
class Setting:
    """value: words for Typer, see settings_values. origin: "dlcli.toml:3", or the variable's name. key: as written.

    refusal: why a file may not set this, "" where it may. It holds once nobody else gives the option a value.
    file: as it is reported, "" of a variable.
    """

    value: Any
    origin: str
    key: str
    refusal: str = ""
    file: str = ""

    @property
    def place(self) -> str:
        """ "dlcli.toml:3: [detect] conf", or "DLCLI_CONF"."""
        return f"{self.origin}: {self.key}" if self.key else self.origin


class Settings:
    """tree: of the whole command line. UsageError for a name in a file that no command has."""

    def __init__(self, tree: Command, files: list[SettingsFile], environment: Mapping[str, str]):
        self.tree, self.files = tree, files
        ours = {name: text for name, text in environment.items() if name.startswith(PREFIX) and text}
        self.environment = keys_of_today(ours)
        self._strangers: dict[str, Refusal | None] = {}
        for file in files:
            _check_names(file, tree, file.table, ())

    def of(self, command: Command) -> dict[str, Setting]:
        """What is set for a command: parameter name -> its strongest setting. UsageError for a value of wrong kind."""
        found: dict[str, Setting] = {}
        for option in settable(command):
            setting = self._from_environment(command, option) or self._from_files(command, option)
            if setting is not None:
                found[option.name] = setting
        return found

    def unknown_variables(self) -> dict[str, str]:
        """Variables that would be ours, but that no option has -> the nearest that one has, or ""."""
        known = {variable for command in _leaves(self.tree) for variable in _all_variables(command)}
        names = {name.removeprefix(PREFIX): name for name in sorted({*known, *OTHER_VARIABLES})}
        unknown = [name for name in self.environment if name not in names.values()]
        return {name: names.get(nearest(name.removeprefix(PREFIX), names, 0.75), "") for name in unknown}

    def _from_environment(self, command: Command, option: Parameter) -> Setting | None:
        for name in variables(command, option):
            if name in self.environment:
                return Setting(from_environment(option, self.environment[name]), name, "")
        return None

    def _from_files(self, command: Command, option: Parameter) -> Setting | None:
        for file in reversed(self.files):
            for depth in range(len(command.path), -1, -1):
                keys = _written(file.table, command.path[:depth], option)
                if keys:
                    return self._from_file(command, option, file, keys)
        return None

    def _from_file(self, command: Command, option: Parameter, file: SettingsFile, keys: tuple[str, ...]) -> Setting:
        place = Setting(None, file.place(keys), file.title(keys[:-1]) + keys[-1])
        value = _read(file, option, keys, place)
        refusal = refuse(option, value, lambda: self._stranger(file))
        refused = ""
        if refusal is not None:
            ways = [f"give {option.names[0]} on the command line or as {variables(command, option)[0]}", refusal.advice]
            refused = f"{place.place}: {refusal.why}; {', '.join(filter(None, ways))}, or pass dlcli --no-settings"
        return Setting(value, place.origin, place.key, refused, file.path)

    def _stranger(self, file: SettingsFile) -> Refusal | None:
        """What `not_ours` says of a file, asked once."""
        if file.path not in self._strangers:
            self._strangers[file.path] = not_ours(file.file) if file.file is not None else None
        return self._strangers[file.path]


def settable(command: Command) -> list[Parameter]:
    return [option for option in command.options if option.key not in TYPED_ONLY]


def variables(command: Command, option: Parameter) -> list[str]:
    """The variables that set an option, strongest first: DLCLI_TRAIN_DETECT_LR, DLCLI_TRAIN_LR, DLCLI_LR."""
    names = ["_".join((*command.path[:depth], option.key)) for depth in range(len(command.path), -1, -1)]
    return [PREFIX + name.replace("-", "_").upper() for name in names]


def _all_variables(command: Command) -> Iterator[str]:
    for option in settable(command):
        yield from variables(command, option)


def _leaves(tree: Command) -> list[Command]:
    return [command for command in tree.all_commands() if command.path and not command.commands]


def _written(table: dict[str, Any], path: tuple[str, ...], option: Parameter) -> tuple[str, ...]:
    """The keys down to an option as the file spells them, max_det or max-det; () where the table does not set it."""
    for name in path:
        table = table.get(name, {})
    key = next((key for key in table if _plain(key) == option.key and not isinstance(table[key], dict)), "")
    return (*path, key) if key else ()


def _read(file: SettingsFile, option: Parameter, keys: tuple[str, ...], place: Setting) -> Any:
    value: Any = file.table
    for key in keys:
        value = value[key]
    try:
        return from_file(option, value)
    except UsageError as error:
        raise UsageError(f"{place.place}: {error}") from None


def _check_names(file: SettingsFile, command: Command, table: dict[str, Any], tables: tuple[str, ...]) -> None:
    """UsageError for a key below `command` that is no command and no option of one."""
    items = [item for below in command.all_commands() for item in below.parameters]
    options = {item.key: item for item in sorted(items, key=lambda item: not item.argument)}  # an option comes first
    below = {item.path[-1]: item for item in command.commands}
    seen: dict[str, str] = {}
    for key, value in table.items():
        where = f"{file.place((*tables, key))}: {file.title(tables)}{printable(key)}"
        if isinstance(value, dict) and key in below:
            _check_names(file, below[key], value, (*tables, key))
            continue
        problem = _problem(_plain(key), options, below, command) or _twice(_plain(key), key, seen)
        if problem:
            raise UsageError(f"{where}: {problem}")
        if isinstance(value, dict):
            raise UsageError(f"{where}: expected a value, got a table")


def _problem(key: str, options: dict[str, Parameter], below: dict[str, Command], command: Command) -> str:
    """Why a key cannot be set here, "" where it can."""
    option = options.get(key)
    if option is None and key in {name.replace("-", "_") for name in below}:
        return "this is a command; its options belong in a table of this name"
    if option is None:
        near = nearest(key, [*(name for name in options if name not in TYPED_ONLY), *below])
        of = f"{command.name} has no such option" if command.path else "no command has such an option"
        return f"{of}{f'; did you mean {near}?' if near else ''}"
    if option.argument:
        return f"{option.shown} is given on the command line only"
    return f"{option.names[0]} is given on the command line only" if key in TYPED_ONLY else ""


def _twice(key: str, written: str, seen: dict[str, str]) -> str:
    if key in seen:
        return f"the same as {seen[key]}, which is set too"
    seen[key] = written
    return ""


def _plain(key: str) -> str:
    return today(key.replace("-", "_"))
