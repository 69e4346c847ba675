"""Looks at every picture and mask of a data set before a long run trusts them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from dlcli.data.check import Progress, decoded_size
from dlcli.data.detection_set import Problem
from dlcli.data.image_size import picture_size
from dlcli.data.in_threads import in_threads
from dlcli.data.mask_file import read_mask
from dlcli.data.own_overlays import drawing_message, drawn_by_runs
from dlcli.data.segmentation_set import VOID, MaskPicture, SegmentationSet
from dlcli.errors import DataError, PictureError
from dlcli.runtime.threads import default_threads

Measure = Callable[[Path], tuple[int, int]]


def check_segmentation_set(
    dataset: SegmentationSet, decode: bool = True, progress: Progress | None = None, threads: int | None = None
) -> tuple[Problem, ...]:
    """What is wrong with the set, file by file: the reader's problems first, then one at most for each picture.

    Looked for: a picture that is missing, does not decode or was drawn by a run of dlcli, a mask of another size, a
    value outside the class list, a mask that is VOID throughout; and a set without a picture. Every mask is decoded.
    decode: decode all pixels of the pictures too. progress: called with (done, total) in this thread. threads: default,
    as many as this process may use.
    """
    found = list(dataset.problems)
    if not dataset.pictures:
        return (*found, Problem(dataset.source, "holds no picture with a mask that can be used"))
    measure = decoded_size if decode else picture_size
    drawn = drawn_by_runs(picture.path for picture in dataset.pictures)
    for number, message in enumerate(_messages(dataset, measure, threads or default_threads())):
        path = dataset.pictures[number].path
        message = Problem(path, drawing_message(drawn[path])) if path in drawn else message
        if message:
            found.append(message)
        if progress:
            progress(number + 1, len(dataset.pictures))
    return tuple(found)


def without_masks(dataset: SegmentationSet, problems: Iterable[Problem]) -> SegmentationSet:
    """The set less the pictures that the problems name, by their own file or their mask's. DataError: none is left."""
    bad = {problem.path for problem in problems}
    kept = tuple(item for item in dataset.pictures if item.path not in bad and item.annotation not in bad)
    if not kept:
        raise DataError(f"{dataset.source}: not one of its pictures can be used; see the problems above")
    return replace(dataset, pictures=kept, problems=())


def _messages(dataset: SegmentationSet, measure: Measure, threads: int) -> Iterator[Problem | None]:
    """For each picture in order what is wrong with it, None for nothing."""
    return in_threads(lambda picture: _problem(picture, measure), dataset.pictures, threads)


def _problem(picture: MaskPicture, measure: Measure) -> Problem | None:
    try:
        width, height = measure(picture.path)
    except (DataError, PictureError) as error:
        return Problem(picture.path, str(error).removeprefix(f"{picture.path}: "))
    where = picture.annotation or picture.path
    if picture.annotation is None and (picture.width, picture.height) != (width, height):
        return Problem(where, f"annotated as {picture.width}x{picture.height}, the picture is {width}x{height}")
    try:
        mask = read_mask(picture)
    except (DataError, ValueError) as error:
        return Problem(where, str(error).removeprefix(f"{where}: "))
    if mask.shape != (height, width):
        return Problem(where, _other_size(mask.shape[::-1], (width, height), picture.path))
    if (mask == VOID).all():
        return Problem(where, f"every pixel is {VOID}, which does not count")
    return None


def _other_size(mask: tuple[int, ...], picture: tuple[int, int], path: Path) -> str:
    turned = "; it is turned by its EXIF tag, save it upright" if mask == picture[::-1] else ""
    return f"the mask is {mask[0]}x{mask[1]}, its picture {path} is {picture[0]}x{picture[1]}{turned}"
