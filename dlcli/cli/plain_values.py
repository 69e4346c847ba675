"""Turns typed words into values without pydantic, which Typer loads for it: 0.1 s of every start.

Only what can be nothing else is turned here; any other word goes Typer's own way, which also words the refusal.
"""

import os
import re
from collections.abc import Sequence
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_origin

WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
DECIMAL = re.compile(r"[+-]?([0-9]{1,18}(\.[0-9]{0,18})?|\.[0-9]{1,18})")
UNSURE = object()  # Typer is to decide
CHECKED_PATH = ("writable", "executable", "resolve_path", "allow_dash", "path_type")  # what we leave to Typer of a path


def read_plainly(parameters: Sequence[Any]) -> Sequence[Any]:
    """Parameters of a built Typer command, with a way to plain values where this Typer has a place for it."""
    for item in parameters:
        if getattr(item, "_runtime_param", item) is None:
            item._runtime_param = PlainValue()
    return parameters


class PlainValue:
    """What Typer asks for the value of a parameter: `coerce`."""

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        several = param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        found = plain_value(value, param.type_descriptor.annotation, param.type_descriptor.parameter_info, several)
        if found is not UNSURE:
            return found
        param._runtime_param = None  # Typer then makes its own; of this parameter, which may be a copy
        return param.get_runtime_param().coerce(value, param, ctx)


def plain_value(value: Any, annotation: Any, info: Any, several: bool = False) -> Any:
    """The value of a word, or of several; UNSURE where it is not plain. info: of the option, as typer.Option gives."""
    if info.parser is not None or getattr(info, "click_type", None) is not None or info.clamp:
        return UNSURE
    if not several:
        return _one(value, annotation, info)
    if get_origin(annotation) is not list or not isinstance(value, (list, tuple)):
        return UNSURE
    found = [_one(item, get_args(annotation)[0], info) for item in value]
    return UNSURE if any(item is UNSURE for item in found) else found


def _one(value: Any, kind: Any, info: Any) -> Any:
    if not isinstance(kind, type):
        return UNSURE
    if issubclass(kind, Enum):
        return _choice(value, kind)
    if issubclass(kind, Path):
        return _path(value, info)
    if kind is str or kind is bool:
        return value if type(value) is kind else UNSURE
    return _number(value, kind, info) if kind in (int, float) else UNSURE


def _choice(value: Any, kind: type[Enum]) -> Any:
    if isinstance(value, kind):
        return value
    return next((item for item in kind if item.value == value), UNSURE)


def _number(value: Any, kind: type, info: Any) -> Any:
    if isinstance(value, str) and (WHOLE if kind is int else DECIMAL).fullmatch(value):
        value = kind(value)
    if type(value) is int and kind is float:
        value = float(value)
    if type(value) is not kind or value != value:
        return UNSURE
    low, high = info.min, info.max
    return value if (low is None or value >= low) and (high is None or value <= high) else UNSURE


def _path(value: Any, info: Any) -> Any:
    if not isinstance(value, (str, Path)) or any(getattr(info, name, None) for name in CHECKED_PATH):
        return UNSURE
    path = Path(value)
    if not os.path.exists(path):
        return UNSURE if info.exists else path
    fits = info.file_okay and info.dir_okay and (not info.readable or os.access(path, os.R_OK))
    return path if fits else UNSURE
