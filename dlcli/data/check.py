"""Looks at every picture and box of a data set before a long run trusts them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np

from dlcli.data.detection_set import DetectionSet, LabelledPicture, Problem
from dlcli.data.image_size import picture_size
from dlcli.data.in_threads import in_threads
from dlcli.data.own_overlays import drawing_message, drawn_by_runs
from dlcli.errors import DataError, PictureError
from dlcli.imaging.reader import read_picture
from dlcli.records import Source
from dlcli.runtime.threads import default_threads

Progress = Callable[[int, int], None]
SHOWN = 20  # bad files named in a message


def check_detection_set(
    dataset: DetectionSet, decode: bool = True, progress: Progress | None = None, threads: int | None = None
) -> tuple[Problem, ...]:
    """What is wrong with the set, file by file: the reader's problems first, then one at most for each picture.

    Looked for: a picture that is missing, does not decode or was drawn by a run of dlcli, a size that is not the
    annotated one, an unknown class, a box that is empty, inverted or outside its picture; and a set without a picture
    or without a box.
    decode: decode all pixels, the one way to find a truncated file; False: trust the headers, several times faster.
    progress: called with (done, total) in this thread. threads: default, the processors that this process may use.
    """
    found = list(dataset.problems)
    if not dataset.pictures:
        return (*found, Problem(dataset.source, "holds no picture that can be used"))
    if not any(len(picture.xyxy) for picture in dataset.pictures):
        found.append(Problem(dataset.source, "not one box in any of its pictures"))
    measure = decoded_size if decode else picture_size
    drawn = drawn_by_runs(picture.path for picture in dataset.pictures)
    for number, message in enumerate(_messages(dataset, measure, threads or default_threads())):
        out = drawn.get(dataset.pictures[number].path)
        message = message if out is None else drawing_message(out)
        if message:
            found.append(Problem(dataset.pictures[number].path, message))
        if progress:
            progress(number + 1, len(dataset.pictures))
    return tuple(found)


def listed_problems(problems: Sequence[Problem]) -> list[str]:
    """A line each for the first SHOWN problems, and one that counts the rest."""
    lines = [str(problem) for problem in problems[:SHOWN]]
    return lines + ([f"... and {len(problems) - SHOWN} more"] if len(problems) > SHOWN else [])


def refusal(place: Path, problems: Sequence[Problem], where: str = "") -> DataError:
    """The error that names the bad files of a set. where: the part of it, such as " in train"."""
    head = f"{place}: {len(problems)} bad file(s){where}; fix them or pass --skip-bad"
    return DataError("\n".join([head, *listed_problems(problems)]))


def without(dataset: DetectionSet, problems: Iterable[Problem]) -> DetectionSet:
    """The set less the pictures that the problems name. DataError where none is left."""
    bad = {problem.path for problem in problems}
    kept = tuple(picture for picture in dataset.pictures if picture.path not in bad)
    if not kept:
        raise DataError(f"{dataset.source}: not one of its pictures can be used; see the problems above")
    return replace(dataset, pictures=kept, problems=())


def _messages(dataset: DetectionSet, measure: Callable[[Path], tuple[int, int]], threads: int) -> Iterator[str | None]:
    """For each picture in order what is wrong with it, None for nothing."""
    return in_threads(lambda picture: _message(picture, dataset.labels, measure), dataset.pictures, threads)


def _message(
    picture: LabelledPicture, labels: tuple[str, ...], measure: Callable[[Path], tuple[int, int]]
) -> str | None:
    try:
        size = measure(picture.path)
    except (DataError, PictureError) as error:
        return str(error).removeprefix(f"{picture.path}: ")
    annotated = (picture.width, picture.height)
    if annotated != size:
        turned = "; it is turned by its EXIF tag, annotate it upright" if annotated == size[::-1] else ""
        return (
            f"annotated as {annotated[0]}x{annotated[1]}, the picture is {size[0]}x{size[1]}{turned}{_where(picture)}"
        )
    return box_message(picture, labels)


def box_message(picture: LabelledPicture, labels: tuple[str, ...]) -> str | None:
    """The first box that is wrong, and how many more are."""
    x1, y1, x2, y2 = picture.xyxy.T
    unknown = (picture.class_ids < 0) | (picture.class_ids >= len(labels))
    empty = ~((x2 > x1) & (y2 > y1))
    outside = (x1 < 0) | (y1 < 0) | (x2 > picture.width) | (y2 > picture.height)
    wrong = np.flatnonzero(unknown | empty | outside)
    if not len(wrong):
        return None
    first = wrong[0]
    box = ", ".join(f"{value:g}" for value in picture.xyxy[first])
    name = f"class {picture.class_ids[first]}" if unknown[first] else labels[picture.class_ids[first]]
    reasons = (
        (unknown, f"unknown class, expected 0 to {len(labels) - 1}"),
        (empty, "empty or inverted"),
        (outside, f"outside the picture of {picture.width}x{picture.height}"),
    )
    reason = next(text for flags, text in reasons if flags[first])
    more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    return f"box {first + 1} ({name}; {box}): {reason}{more}{_where(picture)}"


def _where(picture: LabelledPicture) -> str:
    return f" (in {picture.annotation})" if picture.annotation else ""


def decoded_size(path: Path) -> tuple[int, int]:
    """(width, height) of the upright picture, all of it decoded. PictureError where that fails."""
    picture = read_picture(Source(str(path), path, PurePosixPath(path.name)))
    return picture.width, picture.height
