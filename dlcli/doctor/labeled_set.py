"""A labeled set as doctor looks at it: its splits, read and checked, whatever they have labels for."""

from pathlib import Path
from typing import Any

from dlcli.data.boxes import clipped
from dlcli.data.check import check_dataset
from dlcli.data.dataset import Dataset, Kind, Problem
from dlcli.data.files import SplitError
from dlcli.data.fitting import fitting_kinds
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES, KINDS
from dlcli.data.splits.names import SYNONYMS
from dlcli.errors import DataError, UsageError
from dlcli.frozen import dataclass
from dlcli.tasks.registry import all_tasks, find_task

USUAL = ("train", "val", "test")


@dataclass(frozen=True)
class Part:
    """A split, "" for a set without. problems: bad files, as `dlcli train` would refuse them, headers only."""

    name: str
    data: Dataset[Any]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class LabeledSet:
    """task: that its labels are for. also: others that it has labels for. unread: splits that were not asked for."""

    kind: Kind[Any]
    task: str
    parts: tuple[Part, ...]
    also: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def _task_of(kind: Kind[Any]) -> str:
    """The first task that has labels of the kind."""
    return next((task.name for task in all_tasks().values() if task.kind == kind.name), kind.name)


def read_set(place: Path, task: str = "", splits: tuple[str, ...] = (), clip: bool = False) -> LabeledSet:
    """Read and check all of a set but its pixels. task: one whose contract names a kind; "": that of the first of KINDS
    that fits, CLASSES only if no other does, since nearly every folder holds folders.

    splits: which; (): train, val and test where it has them (or a synonym), else all that it has. clip: cut boxes off
    at the edges of their images.
    DataError: no format fits, or a split is not there. UsageError: a split is named twice.
    """
    if not place.exists():
        raise DataError(f"{place}: no such folder; expected a labeled data set")
    kinds = (KINDS[str(find_task(task).kind)],) if task else tuple(KINDS.values())
    fitting = fitting_kinds(place, kinds)
    (kind, there), *others = fitting
    chosen = splits or usual_splits(there)
    if len(set(chosen)) < len(chosen):
        raise UsageError(f"--splits {','.join(chosen)}: expected each split once")
    parts = tuple(_part(kind, place, name, clip) for name in chosen or (None,))
    unread = tuple(name for name in there if chosen and name not in chosen)  # without a split all is read
    also = tuple(_task_of(other) for other, _ in others)
    return LabeledSet(kind, task or _task_of(kind), parts, also, unread)


def usual_splits(there: list[str]) -> tuple[str, ...]:
    """Those named train, val and test or a synonym; else all but trainval and VOC's lists of one class."""
    usual = [name for word in USUAL for name in (word, *SYNONYMS[word]) if name in there]
    return tuple(usual or [name for name in there if "_" not in name and name not in ("all", "trainval")])


def _part(kind: Kind[Any], place: Path, split: str | None, clip: bool) -> Part:
    try:
        data = read_dataset(kind, place, split)
    except SplitError as error:
        error.option = "--splits"
        raise
    data = clipped(data) if clip and kind is BOXES else data
    return Part(split or "", data, check_dataset(kind, data, decode=False))
