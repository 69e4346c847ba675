"""The command line as data, read from the built program: for settings, completion, the reference and the man page."""

import inspect
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from dlcli.cli.flags import negations, option_name
from dlcli.frozen import dataclass

KINDS = {bool: "flag", int: "integer", float: "number", Path: "path", str: "text"}


@dataclass(frozen=True)
class Parameter:
    """An option or an argument.

    name: in the program. key: in settings, "max_det". names: as typed, "--max-det". negations: turn a flag off.
    words: values with a name, beside others.
    kind: one of KINDS, or "choice". default: a JSON value. minimum, maximum: None where there is no limit.
    """

    name: str
    key: str
    names: tuple[str, ...]
    negations: tuple[str, ...]
    argument: bool
    kind: str
    choices: tuple[str, ...]
    several: bool
    required: bool
    default: Any
    minimum: float | None
    maximum: float | None
    metavar: str
    help: str
    panel: str
    words: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The value's place in a usage line: "FILE", "0..1", "N", "a|b", "" for a flag."""
        if self.kind == "flag":
            return ""
        if self.metavar or self.choices:
            return self.metavar or "|".join(self.choices)
        return self.shown_range or {"integer": "N"}.get(self.kind, self.kind.upper())

    @property
    def any_choice(self) -> str:
        """ "auto, cpu or cuda"; "" where it is no choice."""
        return " or ".join(filter(None, (", ".join(self.choices[:-1]), *self.choices[-1:])))

    @property
    def shown_range(self) -> str:
        """ "0..1" for a number within small limits, which then stand in its place, else ""."""
        if self.metavar or self.minimum is None or self.maximum is None or self.maximum > 10_000:
            return ""
        return f"{self.minimum:g}..{self.maximum:g}"

    @property
    def limits(self) -> str:
        """ "0 to 1", "at least 1", "" """
        largest = (
            None if self.maximum is None or self.maximum >= 1e9 else self.maximum
        )  # above, only infinity is barred
        if self.minimum is None:
            return "" if largest is None else f"at most {largest:,}"
        return f"at least {self.minimum:,}" if largest is None else f"{self.minimum:,} to {largest:,}"


@dataclass(frozen=True)
class Command:
    """A command, or a group of them. path: () for dlcli itself, ("train", "detect")."""

    path: tuple[str, ...]
    help: str
    parameters: tuple[Parameter, ...]
    commands: tuple["Command", ...]

    @property
    def name(self) -> str:
        return " ".join(("dlcli", *self.path))

    @property
    def options(self) -> tuple[Parameter, ...]:
        return tuple(item for item in self.parameters if not item.argument)

    @property
    def arguments(self) -> tuple[Parameter, ...]:
        return tuple(item for item in self.parameters if item.argument)

    def parameter(self, name: str) -> Parameter:
        """By its name in the program."""
        return next(item for item in self.parameters if item.name == name)

    def option(self, typed: str) -> Parameter | None:
        """By a name as typed, "--out"; None where there is none."""
        return next((item for item in self.options if typed in item.names), None)

    def all_commands(self) -> Iterator["Command"]:
        """Itself and all below, in the order of --help."""
        yield self
        for command in self.commands:
            yield from command.all_commands()

    def find(self, path: tuple[str, ...]) -> "Command | None":
        """The command at this path below, or None."""
        return next((command for command in self.all_commands() if command.path == (*self.path, *path)), None)


def read_tree(command: Any, path: tuple[str, ...] = (), named: bool = False) -> Command:
    """The tree below what typer.main.get_command gives. named: with the `words` of parameters, which take time."""
    words: Mapping[str, Sequence[str]] = getattr(command.callback, "words", dict)() if named else {}
    declared = inspect.signature(command.callback).parameters if command.callback else {}
    parameters = [
        _read_parameter(item, declared[item.name].annotation, tuple(words.get(item.name, ())))
        for item in command.params
        if not item.hidden
    ]
    below = tuple(read_tree(item, (*path, name), named) for name, item in getattr(command, "commands", {}).items())
    return Command(path, inspect.cleandoc(command.help or ""), tuple(parameters), below)


def option_key(parameter: Any) -> str:
    """How settings name an option of the built program: --max-det max_det."""
    return option_name(parameter).replace("-", "_")


def _read_parameter(built: Any, annotation: Any, words: tuple[str, ...] = ()) -> Parameter:
    of, info = _unwrap(annotation)
    argument = built.param_type_name == "argument"
    choices = tuple(str(item.value) for item in of) if issubclass(of, Enum) else ()
    return Parameter(
        name=built.name,
        key=built.name if argument else option_key(built),
        names=() if argument else tuple(built.opts),
        negations=negations(built),
        argument=argument,
        kind="choice" if choices else KINDS[of],
        choices=choices,
        several=built.multiple or built.nargs != 1,
        required=built.required,
        default=plain(built.default),
        minimum=info.min,
        maximum=info.max,
        metavar=built.metavar or "",
        help=" ".join((built.help or "").split()),
        panel=info.rich_help_panel or "",
        words=words,
    )


def _unwrap(annotation: Any) -> tuple[type, Any]:
    """The plain type below Annotated, `| None` and list, and Typer's own description of the parameter."""
    info = None
    while get_args(annotation):
        first, *rest = get_args(annotation)
        if get_origin(annotation) is Annotated:
            info = rest[0]
        annotation = first if first is not NoneType else rest[0]
    return annotation, info


def plain(value: Any) -> Any:
    """A value of the program as JSON and TOML know it."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Path):
        return str(value)
    return [plain(item) for item in value] if isinstance(value, list | tuple) else value
