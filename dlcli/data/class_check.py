"""Looks at every picture of a classification set before a long run trusts it."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from dlcli.data.check import Progress, decoded_size
from dlcli.data.classification_set import ClassificationSet
from dlcli.data.detection_set import Problem
from dlcli.data.image_size import picture_size
from dlcli.errors import DataError, PictureError
from dlcli.runtime.threads import default_threads

Measure = Callable[[Path], tuple[int, int]]


def check_classification_set(
    dataset: ClassificationSet, decode: bool = True, progress: Progress | None = None, threads: int | None = None
) -> tuple[Problem, ...]:
    """What is wrong with the set: the reader's problems first, then one at most for each picture.

    Looked for: a picture that is missing or does not decode, and a set without a picture. decode: decode all pixels,
    the one way to find a truncated file; False: trust the headers. progress: called with (done, total) in this
    thread. threads: default, as many as this process may use.
    """
    found = list(dataset.problems)
    if not dataset.pictures:
        return (*found, Problem(dataset.source, "holds no picture that can be used"))
    paths = [picture.path for picture in dataset.pictures]
    measure = decoded_size if decode else picture_size
    for number, problem in enumerate(_problems(paths, measure, threads or default_threads()), 1):
        if problem:
            found.append(problem)
        if progress:
            progress(number, len(paths))
    return tuple(found)


def without_pictures(dataset: ClassificationSet, problems: Iterable[Problem]) -> ClassificationSet:
    """The set less the pictures that the problems name. DataError where none is left."""
    bad = {problem.path for problem in problems}
    kept = tuple(picture for picture in dataset.pictures if picture.path not in bad)
    if not kept:
        raise DataError(f"{dataset.source}: not one of its pictures can be used; see the problems above")
    return replace(dataset, pictures=kept, problems=())


def _problems(paths: list[Path], measure: Measure, threads: int) -> Iterator[Problem | None]:
    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(lambda path: _problem(path, measure), paths)
    finally:
        pool.shutdown(cancel_futures=True)  # after an error no waiting for thousands of pictures


def _problem(path: Path, measure: Measure) -> Problem | None:
    try:
        measure(path)
    except (DataError, PictureError) as error:
        return Problem(path, str(error).removeprefix(f"{path}: "))
    return None
