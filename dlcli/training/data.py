"""The data of a training: read, checked file by file, and refused before the first step where it is bad."""

from pathlib import Path
from typing import TypeVar

from dlcli.data.check import SHOWN, check_dataset, drop_bad_files
from dlcli.data.dataset import Dataset, Kind
from dlcli.data.formats import read_dataset
from dlcli.training.log import TrainLog

T = TypeVar("T")


def read_checked(
    kind: Kind[T],
    folder: Path,
    split: str | None,
    labels: tuple[str, ...] | None,
    skip_bad: bool,
    log: TrainLog,
) -> Dataset[T]:
    """The split of the set, None for all of it. Bad files raise DataError (exit 5), or are named and left out."""
    return checked(kind, read_dataset(kind, folder, split, labels), split, skip_bad, log)


def checked(kind: Kind[T], data: Dataset[T], name: str | None, skip_bad: bool, log: TrainLog) -> Dataset[T]:
    """The set after a look at every file of it. name: what it is called in messages; None: the whole set."""
    with log.bar(f"checking {name or 'images'}", len(data.items)) as bar:
        problems = check_dataset(kind, data, progress=bar.at)
    return drop_bad_files(data, problems, log.say if skip_bad else None, f" in {name}" if name else "", SHOWN)
