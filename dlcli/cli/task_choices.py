"""Values of `--task` for commands about some tasks: those that the registry knows."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Any, cast


def task_choices(names: Iterable[str], *before: str) -> type[StrEnum]:
    """An option's type with these values; `before` are values that stand first and name no task."""
    members = {name.upper().replace("-", "_"): name for name in (*before, *names)}
    make: Any = StrEnum
    return cast(type[StrEnum], make("TaskChoice", members))
