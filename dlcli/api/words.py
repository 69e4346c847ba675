"""The docstring of `dlcli.TASK`, from the help of the task and of its options."""

import textwrap
from collections.abc import Iterator

from dlcli.api.options import Argument, arguments_of
from dlcli.tasks.contract import Task
from dlcli.tasks.registry import import_name

WIDTH = 100
IMAGE = (
    "a path, the bytes of a file, or an array uint8 [H, W, 3] of red, green and blue; or several of them, for a list "
    "of results in their order."
)
RAISES = (
    "ImageError: an image cannot be used; its `kind` is a word for programs. UsageError: a value is wrong. "
    "MissingError: there is no such model, or an extra is not installed. DataError: the model file is unusable."
)


def describe(task: Task) -> str:
    """What it does, its arguments with units and limits, what it gives and raises."""
    result = import_name(task.image_result)
    lines = [task.help.split("\n\n")[0], "", "Arguments:", *_named("image", IMAGE)]
    for argument in arguments_of(task).values():
        lines += _named(argument.name, argument.help + _limits(argument))
    lines += ["", f"Returns {result.__name__}:", *_wrapped(" ".join((result.__doc__ or "").split()))]
    return "\n".join([*lines, "", "Raises:", *_wrapped(RAISES)])


def _limits(argument: Argument) -> str:
    if argument.choices:
        return f" One of {', '.join(argument.choices)}."
    if argument.low is None:
        return ""
    return f" At least {argument.low:g}." if argument.high is None else f" {argument.low:g} to {argument.high:g}."


def _named(name: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(f"{name}: {text}", WIDTH, initial_indent="    ", subsequent_indent="        ")


def _wrapped(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent="    ", subsequent_indent="    ")
