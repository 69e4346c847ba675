"""The data of a training: read, checked file by file, and refused before the first step where it is bad."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from dlcli.data.boxes import clipped
from dlcli.data.check import SHOWN, check_dataset, drop_bad_files
from dlcli.data.dataset import Dataset, Kind
from dlcli.data.formats import read_dataset
from dlcli.errors import DataError, ImageError
from dlcli.training.log import TrainLog

T = TypeVar("T")


def read_checked(
    kind: Kind[Any],
    folder: Path,
    split: str | None,
    labels: tuple[str, ...] | None,
    skip_bad: bool,
    log: TrainLog,
    clip: bool = False,
    heard: tuple[str, ...] = (),
) -> Dataset[Any]:
    """The split of the set, None for all of it. Bad files raise DataError (exit 5), or are named and left out.

    clip: boxes that reach out of their image are cut off at its edge. heard: see checked.
    """
    data: Dataset[Any] = read_dataset(kind, folder, split, labels)
    return checked(kind, clipped(data) if clip else data, split, skip_bad, log, heard)


def checked(
    kind: Kind[T], data: Dataset[T], name: str | None, skip_bad: bool, log: TrainLog, heard: tuple[str, ...] = ()
) -> Dataset[T]:
    """The set after a look at every file of it. name: what it is called in messages; None: the whole set.

    heard: notes of the set that were said before.
    """
    for note in data.notes:
        if note not in heard:
            log.say(note)
    with log.bar(f"checking {name or 'images'}", len(data.items)) as bar:
        problems = check_dataset(kind, data, progress=bar.at)
    return drop_bad_files(data, problems, log.say if skip_bad else None, f" in {name}" if name else "", SHOWN)


@contextmanager
def reading_again() -> Iterator[None]:
    """Around reading a file of a set that was checked: DataError says so where it can no longer be read."""
    try:
        yield
    except (ImageError, DataError) as error:
        raise DataError(f"{error}; it was readable when the training began") from error
