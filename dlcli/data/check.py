"""Looks at every image and target of a data set before a long run trusts them, and leaves bad files out."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from dlcli.data.dataset import Dataset, Item, Kind, Problem
from dlcli.data.image_size import image_size
from dlcli.data.own_overlays import drawing_message, own_overlays
from dlcli.errors import DataError, ImageError
from dlcli.imaging.reader import read_image
from dlcli.records import Source
from dlcli.runtime.parallel import in_order
from dlcli.runtime.threads import default_threads

T = TypeVar("T")
Progress = Callable[[int, int], None]
Say = Callable[[str], None]
Measure = Callable[[Path], tuple[int, int]]
SHOWN = 20  # bad files named in a message


def check_dataset(
    kind: Kind[T], data: Dataset[T], decode: bool = True, progress: Progress | None = None, threads: int | None = None
) -> tuple[Problem, ...]:
    """What is wrong with the set, file by file: the reader's problems first, then one at most for each image.

    Looked for: an image that is missing, does not decode or was drawn by a run of dlcli; what the kind finds wrong
    with a target (a box outside its image, a mask of another size or with an unknown value); a set without an image.
    decode: decode all pixels, the one way to find a truncated file; False: trust the headers, several times faster;
    mask files are decoded all the same. progress: called with (done, total) in this thread. threads: default, the
    processors that this process may use.
    """
    found = list(data.problems)
    if not data.items:
        return (*found, Problem(data.source, kind.nothing))
    if lack := kind.lack(data):
        found.append(Problem(data.source, lack))
    measure = decoded_size if decode else image_size
    drawn = own_overlays(item.path for item in data.items)
    for number, problem in enumerate(_problems(kind, data, measure, threads or default_threads())):
        path = data.items[number].path
        problem = Problem(path, drawing_message(drawn[path])) if path in drawn else problem
        if problem:
            found.append(problem)
        if progress:
            progress(number + 1, len(data.items))
    return tuple(found)


def drop_bad_files(
    data: Dataset[T], problems: Sequence[Problem], say: Say | None, where: str = "", most: int | None = None
) -> Dataset[T]:
    """The set without what the problems name.

    say: hears of each file left out, at most `most` of them by name; None: DataError (exit 5) names the files.
    where: the part of the set, such as " in train". DataError: no image is left.
    """
    if not problems:
        return data
    if say is None:
        raise refusal(data.source, problems, where)
    for line in listed_problems(problems, most):
        say(f"left out: {line}")
    return data.without(problems)


def listed_problems(problems: Sequence[Problem], most: int | None = SHOWN) -> list[str]:
    """A line each for the first `most` problems (None: all), and one that counts the rest."""
    lines = [str(problem) for problem in problems[:most]]
    return lines + ([f"... and {len(problems) - len(lines)} more"] if len(problems) > len(lines) else [])


def refusal(place: Path, problems: Sequence[Problem], where: str = "") -> DataError:
    """The error that names the bad files of a set. where: the part of it, such as " in train"."""
    head = f"{place}: {len(problems)} bad file(s){where}; fix them or pass --skip-bad"
    return DataError("\n".join([head, *listed_problems(problems)]))


def decoded_size(path: Path) -> tuple[int, int]:
    """(width, height) of the upright image, all of it decoded. ImageError where that fails."""
    image = read_image(Source(str(path), path, PurePosixPath(path.name)))
    return image.width, image.height


def _problems(kind: Kind[Any], data: Dataset[Any], measure: Measure, threads: int) -> Iterator[Problem | None]:
    """For each image in order what is wrong with it, None for nothing."""

    def look(item: Item[Any]) -> Problem | None:
        try:
            size = measure(item.path)
        except (DataError, ImageError) as error:
            return Problem(item.path, str(error).removeprefix(f"{item.path}: "))
        return kind.check(item, data.labels, size)

    return (problem for _, problem in in_order(look, data.items, threads))
