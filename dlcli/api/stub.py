"""dlcli/__init__.pyi: what type checkers and editors know of `dlcli`, written from the options of all tasks."""

import textwrap
from collections.abc import Iterator

from dlcli.api.functions import ERRORS
from dlcli.api.options import Argument, arguments_of, function_name
from dlcli.api.words import describe
from dlcli.tasks.contract import Task
from dlcli.tasks.registry import all_tasks

HEAD = '''\
"""Written by `python -m dlcli.cli.reference docs` from the options of all tasks; a test holds that it is so."""

from collections.abc import Iterable, Sequence
from os import PathLike
from typing import Literal, overload
'''
PATH = "str | PathLike[str]"


def stub() -> str:
    """The text of the stub file."""
    tasks = list(all_tasks().values())
    lines = [HEAD, *sorted(_imports(tasks)), "", "__version__: str", ""]
    for task in tasks:
        lines += _function(task)
    for task in tasks:
        lines += _load(task)
    return "\n".join(lines).rstrip() + "\n"


def _imports(tasks: list[Task]) -> Iterator[str]:
    yield "from dlcli.api.loaded import Loaded as Loaded"
    yield "from dlcli.api.source import Image as Image"
    yield from (f"from dlcli.errors import {error.__name__} as {error.__name__}" for error in ERRORS)
    for task in tasks:
        module, _, name = task.image_result.partition(":")
        yield f"from {module} import {name} as {name}"


def _function(task: Task) -> Iterator[str]:
    """Two overloads: of one image, and of several, which has the docstring."""
    name, result, arguments = function_name(task), task.image_result.partition(":")[2], _arguments(task)
    words = textwrap.indent(f'"""{describe(task)}\n"""', "    ")
    yield "@overload"
    yield f"def {name}(  # type: ignore[overload-overlap]\n    image: Image,\n    *,\n{arguments}) -> {result}: ..."
    yield "@overload"
    yield f"def {name}(\n    image: Iterable[Image],\n    *,\n{arguments}) -> list[{result}]:\n{words}\n"


def _load(task: Task) -> Iterator[str]:
    """Of `dlcli.load`, for one name of a task."""
    names = ", ".join(f'"{name}"' for name in dict.fromkeys((task.name, function_name(task))))
    result = task.image_result.partition(":")[2]
    yield f"@overload\ndef load(\n    task: Literal[{names}],\n    *,\n{_arguments(task)}) -> Loaded[{result}]: ..."


def _arguments(task: Task) -> str:
    lines = [f"{item.name}: {_type(item)} = {_default(item)},\n" for item in arguments_of(task).values()]
    return textwrap.indent("".join(lines), "    ")


def _type(argument: Argument) -> str:
    kind = argument.kind.__name__
    if argument.choices:
        kind = "Literal[" + ", ".join(f'"{choice}"' for choice in argument.choices) + "]"
    elif argument.several:
        kind = f"{PATH} | Sequence[{PATH}]"
    elif argument.listed:
        kind = "str | Sequence[str | float]"
    elif argument.metavar == "MODEL":
        kind = PATH
    return f"{kind} | None" if argument.optional else kind


def _default(argument: Argument) -> str:
    value = getattr(argument.default, "value", argument.default)
    return f'"{value}"' if isinstance(value, str) else repr(value)
