"""What a task's records are compared by beside their plain fields: the module that `Task.compared_by` names."""

from functools import cache
from importlib import import_module
from typing import Protocol, cast

from dlcli.evaluation.diff.change import COMMON, Drift, Findings, Limits, Record
from dlcli.tasks.registry import all_tasks


class Part(Protocol):
    """A module. THING: what it compares, "box". KINDS: of its changes, in the order of reports. FIELDS: of
    a record that it sees to. NO_DRIFT: the drift of what is equal."""

    THING: str
    KINDS: tuple[str, ...]
    FIELDS: frozenset[str]
    NO_DRIFT: Drift

    def diff(self, a: Record, b: Record, places: tuple[str, str], limits: Limits, found: Findings) -> None:
        """Add what changed. places: file and line of each, for messages. DataError: a record is damaged."""


@cache
def partial_name(task: str) -> Part | None:
    """None: its records are compared field by field."""
    name = all_tasks()[task].compared_by if task in all_tasks() else ""
    return cast(Part, import_module(name)) if name else None


def kinds_of(task: str) -> dict[str, tuple[str, ...]]:
    """Kinds of changes by the thing that changed, in the order of reports."""
    part = partial_name(task)
    return ({part.THING: part.KINDS} if part else {}) | COMMON
