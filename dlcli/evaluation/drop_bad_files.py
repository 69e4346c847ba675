"""The part of a labelled set that can be scored: bad files stop the evaluation, or are left out one by one."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from dlcli.data.check import check_detection_set, refusal, without
from dlcli.data.detection_set import DetectionSet, Problem
from dlcli.errors import DataError, PictureError
from dlcli.runtime.parallel import in_order

Say = Callable[[str], None]
Progress = Callable[[int, int], None]
Ready = Callable[[tuple[str, ...]], None]
Item = TypeVar("Item")
Found = TypeVar("Found")
Without = Callable[[Item, Sequence[Problem]], Item]


def usable(data: Item, problems: Sequence[Problem], source: Path, without: Without[Item], say: Say | None) -> Item:
    """The set without what the problems name. say: is told of each file left out; None: DataError names the files."""
    if not problems:
        return data
    if say is None:
        raise refusal(source, problems)
    for problem in problems:
        say(f"left out: {problem}")
    return without(data, problems)


def looked_at(
    look: Callable[[Item], Found | PictureError],
    pictures: Sequence[Item],
    progress: Progress | None = None,
    threads: int = 1,
    say: Say | None = None,
) -> Iterator[tuple[Item, Found]]:
    """Each picture with what `look` found in it, in order. threads: callers of `look` at a time.

    say: is told of each picture that cannot be read, which is then left out; None: the first raises DataError.
    """
    for done, (picture, found) in enumerate(in_order(look, pictures, threads), 1):
        if not isinstance(found, PictureError):
            yield picture, found
        elif say is None:
            raise DataError(f"{found}; fix the file or pass --skip-bad") from found
        else:
            say(f"left out: {found}")
        if progress:
            progress(done, len(pictures))


def usable_set(data: DetectionSet, say: Say | None = None) -> DetectionSet:
    """The set without its bad files: those the reader could not use, missing pictures, boxes outside their picture.

    Only headers are read. say: is told of each file left out; None: DataError (exit 5) names the files.
    """
    return usable(data, check_detection_set(data, decode=False), data.source, without, say)
