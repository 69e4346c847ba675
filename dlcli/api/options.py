"""Arguments of `dlcli.TASK()`: which options it takes, and their values checked as the command line checks them."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import fields
from enum import Enum
from math import inf, isfinite
from numbers import Real
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

from dlcli.batch.options import BatchOptions
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.messages import did_you_mean, short_repr
from dlcli.spelling import known, today
from dlcli.tasks.contract import Task

OF_EVERY_IMAGE = ("pre", "range", "max_pixels", "timeout_per_image", "threads")  # of BatchOptions


@dataclass(frozen=True)
class Argument:
    """An option as Python takes it. kind: bool, int, float, str or an Enum. several: a list of them.

    default: of the option. low, high: limits of a number. metavar: its place in help, "LIST".
    """

    name: str
    kind: Any
    optional: bool
    several: bool
    default: Any
    low: float | None
    high: float | None
    metavar: str
    help: str

    @property
    def listed(self) -> bool:
        """A text with commas, for which a list will do."""
        return self.metavar in ("LIST", "LOW,HIGH")

    def taken(self, value: Any) -> Any:
        """The value as the option's dataclass has it. UsageError: it is not of this kind, or outside the limits."""
        if value is None and self.optional:
            return None
        if self.several:
            return [self._one(item) for item in _items(value)]
        if self.listed and not isinstance(value, str):
            return ",".join(str(item) for item in _items(value))
        return self._one(value)

    def _one(self, value: Any) -> Any:
        if issubclass(self.kind, Enum):
            return self._choice(value)
        if self.kind is str:
            return os.fspath(value) if isinstance(value, str | os.PathLike) else self._refuse(value)
        if self.kind is bool or isinstance(value, bool):
            return value if self.kind is bool and isinstance(value, bool) else self._refuse(value)
        return self._number(value)

    def _choice(self, value: Any) -> Any:
        text = known(str(getattr(value, "value", value)), self.choices)
        return self.kind(text) if text in self.choices else self._refuse(value)

    def _number(self, value: Any) -> Any:
        if not isinstance(value, Real) or not isfinite(value) or (self.kind is int and value % 1):
            return self._refuse(value)
        number = self.kind(value)
        low, high = -inf if self.low is None else self.low, inf if self.high is None else self.high
        return number if low <= number <= high else self._refuse(value)

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(str(item.value) for item in self.kind) if issubclass(self.kind, Enum) else ()

    def _refuse(self, value: Any) -> Any:
        near = did_you_mean(str(value), self.choices) if self.choices else ""
        raise UsageError(f"{self.name}={short_repr(value)}: expected {self._expected()}{near and f'; {near}'}")

    def _expected(self) -> str:
        if self.choices:
            return "one of " + ", ".join(self.choices)
        words = {bool: "True or False", int: "a whole number", float: "a number", str: "a text"}[self.kind]
        if self.low is not None and self.high is not None:
            return f"{words} from {self.low:g} to {self.high:g}"
        return words if self.low is None else f"{words} of at least {self.low:g}"


def arguments_of(task: Task) -> dict[str, Argument]:
    """Those of the task that are about its answer, then those of every image, by name."""
    own = _arguments(task.options, [name for name, panel in _panels(task) if _is_offered(task, panel)])
    return own | _arguments(BatchOptions, OF_EVERY_IMAGE)


def make_options(task: Task, given: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The task's options, and those of every image by name. UsageError: a name or a value is wrong."""
    arguments = arguments_of(task)
    taken = {}
    for name, value in given.items():
        name = name if name in arguments else today(name)
        if name not in arguments:
            hint = did_you_mean(name, tuple(arguments)) or f"expected one of {', '.join(arguments)}"
            raise UsageError(f"{name}: dlcli.{function_name(task)} has no such argument; {hint}")
        taken[name] = arguments[name].taken(value)
    of_image = {name: taken.pop(name) for name in OF_EVERY_IMAGE if name in taken}
    return task.in_python(task.options(**taken)), of_image


def function_name(task: Task) -> str:
    """ "style_transfer" """
    return task.name.replace("-", "_")


def _panels(task: Task) -> list[tuple[str, str]]:
    hints = get_type_hints(task.options, include_extras=True)
    return [(field.name, _info(hints[field.name]).rich_help_panel) for field in fields(task.options)]


def _is_offered(task: Task, panel: str) -> bool:
    return task.python_panels is None or panel in task.python_panels


def _arguments(group: type, names: Iterable[str]) -> dict[str, Argument]:
    hints, wanted = get_type_hints(group, include_extras=True), set(names)
    found = [_argument(field.name, hints[field.name], field.default) for field in fields(group) if field.name in wanted]
    return {item.name: item for item in sorted(found, key=lambda item: item.name != "model")}


def _argument(name: str, hint: Any, default: Any) -> Argument:
    kind, info = get_args(hint)[0], _info(hint)
    plain = [item for item in get_args(kind) if item is not NoneType] if NoneType in get_args(kind) else [kind]
    several = get_origin(plain[0]) is list
    kind, optional = (get_args(plain[0])[0] if several else plain[0]), default is None
    return Argument(name, kind, optional, several, default, info.min, info.max, info.metavar or "", info.help or "")


def _info(hint: Any) -> Any:
    """What an Annotated field says beside its type."""
    return get_args(hint)[1]


def _items(value: Any) -> list[Any]:
    """A list of a list, or of the one thing that is given."""
    return [value] if isinstance(value, str | os.PathLike) or not isinstance(value, Iterable) else list(value)
