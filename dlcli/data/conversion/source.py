"""Reads a set in any format for a conversion, or finds out which one it is."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from dlcli.data import mask_folders
from dlcli.data.boxes import clipped
from dlcli.data.check import check_dataset, refusal
from dlcli.data.coco import files as coco_files
from dlcli.data.coco.masks import read_coco_masks
from dlcli.data.conversion.annotated_set import AnnotatedSet, of_boxes, of_masks
from dlcli.data.conversion.ids_file import ids_path, read_ids, with_ids
from dlcli.data.conversion.record_set import WHOLE, read_record_set, record_splits, records_file
from dlcli.data.dataset import Dataset, Kind, Problem
from dlcli.data.files import text_of_name
from dlcli.data.folders import files_in
from dlcli.data.foreign.formats import foreign_format
from dlcli.data.formats import chosen_split, dataset_splits, has_mask_files, is_coco, is_labelme, is_yolo, read_dataset
from dlcli.data.kinds import BOXES, MASKS
from dlcli.data.labelme import boxes as labelme
from dlcli.data.labelme.masks import read_labelme_masks
from dlcli.data.masks import MaskSet
from dlcli.data.voc import masks as voc_masks
from dlcli.data.voc import places as voc
from dlcli.data.yolo.files import yolo_splits
from dlcli.data.yolo.masks import read_yolo_masks
from dlcli.errors import DataError, UsageError
from dlcli.frozen import dataclass

FORMATS = ("coco", "yolo", "voc", "labelme", "jsonl", "masks")
CARRYING = ("coco", "yolo", "voc", "labelme")  # whose readers carry what else a file says
MISSING = "no such file"


def _read_mask_files(place: Path, split: str | None, labels: tuple[str, ...] | None) -> MaskSet:
    """Index PNG and colors, not the outlines of COCO that the formats of MASKS have too."""
    if not has_mask_files(place):
        looked_for = f"VOC ({voc_masks.LOOKED_FOR}) and folders ({mask_folders.LOOKED_FOR})"
        raise DataError(f"{place}: found no masks; looked for {looked_for}")
    return read_dataset(MASKS, place, split or "all", labels)


Reader = Callable[..., Dataset[Any]]
BOX_READERS: dict[str, Reader] = {format_.name: format_.read for format_ in BOXES.formats}
MASK_READERS: dict[str, Reader] = {
    "coco": read_coco_masks,
    "yolo": read_yolo_masks,
    "labelme": read_labelme_masks,
    "masks": _read_mask_files,
}


@dataclass(frozen=True)
class Reading:
    """How a source is read.

    format: one of FORMATS. outlined: outlines of objects, not boxes. labels: to number by, None: the source's own.
    images: where the images are, None: where the format has them. need_images: each must be there.
    say: hears of bad files, which are left out; None: they are refused. clip: boxes are cut off at the edges of their
    images.
    """

    place: Path
    format: str
    outlined: bool
    labels: tuple[str, ...] | None = None
    images: Path | None = None
    need_images: bool = False
    say: Callable[[str], None] | None = None
    clip: bool = False


def found_format(place: Path, outlined: bool) -> str:
    """The format of a folder or file, detected. DataError says what was looked for."""
    if place.is_file():
        found = "jsonl" if place.suffix.lower() == ".jsonl" else _format_of_boxes(place)
        if not found:
            raise DataError(f"{place}: expected a folder, or a .json, .jsonl or .yaml file")
        return found
    if (place / f"{WHOLE}.jsonl").is_file():  # of a run, which may have saved other formats beside it
        return "jsonl"
    tests: dict[str, Callable[[Path], Any]] = {
        "voc": lambda place: not outlined and _has_voc_boxes(place),
        "coco": is_coco,
        "masks": lambda place: has_mask_files(place) and (outlined or not any(place.glob("**/labels/**/*.txt"))),
        "yolo": is_yolo,
        "jsonl": records_file,
        "labelme": is_labelme,
    }
    for format, test in tests.items():
        if test(place):
            return format
    if outlined and _has_voc_boxes(place):
        raise UsageError(f"{place}: is a VOC set of boxes, without masks; looked for {voc_masks.LOOKED_FOR}")
    if foreign := foreign_format(place):
        raise DataError(f"{place}: is {foreign}")
    raise DataError(f"{place}: found no annotations of {', '.join(FORMATS)}; name the format by --from")


def _format_of_boxes(place: Path) -> str:
    return next((format_.name for format_ in BOXES.formats if format_.fits(place)), "")


def _has_voc_boxes(place: Path) -> bool:
    return bool(voc.voc_places(place)) or any(files_in(place / name, ".xml") for name in voc.BOX_FOLDERS)


def source_splits(place: Path, format: str) -> list[str]:
    """The splits of a source; [] where it has none."""
    if format == "masks":
        return dataset_splits(MASKS, place) if has_mask_files(place) else []
    if format == "jsonl":
        return record_splits(place)
    if format == "coco":
        return [] if place.is_file() else [name for name in coco_files.coco_files(place) if name != coco_files.WHOLE]
    if format == "yolo":
        return yolo_splits(place)
    if format == "voc":
        return [name for name in voc.voc_splits(place) if "_" not in name]  # not "cat_train"
    ids = read_ids(ids_path(place))  # of a set with splits of any name
    named = [split for split in ids.images if split and (place / split).is_dir()] if ids else []
    return named or ([] if place.is_file() else labelme.labelme_splits(place))


def chosen_splits(place: Path, format: str, wanted: str | None) -> list[str | None]:
    """What to read: the split that is wanted, or else every one; None: a set as a whole."""
    splits = source_splits(place, format)
    return [chosen_split(wanted, splits)] if wanted else [*splits] or [None]


def read_source(reading: Reading, split: str | None) -> AnnotatedSet:
    """One split. DataError: bad files, if `say` is None; no image left."""
    if reading.format == "jsonl":
        found = read_record_set(reading.place, split, reading.labels, reading.say)
        found = _with_images(found, reading)
    else:
        found = _read_labels(reading, split)
    ids = read_ids(ids_path(reading.place))
    found = found if ids is None or reading.labels is not None else with_ids(found, ids, split or "")
    _refuse_half_names(reading.place, split or "", found)
    return found


def _refuse_half_names(place: Path, split: str, found: AnnotatedSet) -> None:
    """DataError: a name that no annotation file can hold, such as one of ids.json or of a folder."""
    for label in (*found.labels, *found.category_ids):
        text_of_name(label, f"{place}: a class's name")
    for image in found.items:
        text_of_name(image.name, f"{place}: an image's name")
        if image.name in found.ids:
            text_of_name(str(image.image_id), f"{place}: an image's id")
    text_of_name(split, f"{place}: a split's name")


def _read_labels(reading: Reading, split: str | None) -> AnnotatedSet:
    data: Dataset[Any] = _reader(reading)(reading.place, split, reading.labels)
    items = tuple(replace(i, path=_image_path(i.path, i.name, reading.images)) for i in data.items)
    data = replace(data, items=items)
    if reading.clip and not reading.outlined:
        data = clipped(data)
    problems = _problems(MASKS if reading.outlined else BOXES, data, reading.need_images)
    if problems:
        _refuse_or_say(reading, problems, split)
        data = data.without(problems)
    _refuse_nothing(reading, data.items)
    kept: Dataset[Any] = data
    found = of_masks(kept) if reading.outlined else of_boxes(kept)
    return replace(found, skipped=len({problem.path for problem in problems}))


def _reader(reading: Reading) -> Reader:
    """UsageError: the format has no such objects."""
    readers = MASK_READERS if reading.outlined else BOX_READERS
    if reading.format not in readers:
        way = "holds no boxes; add --masks to convert outlines"
        if reading.outlined:
            way = "has boxes and no outlines; leave out --masks, or give --from masks"
        raise UsageError(f"--from {reading.format}: {way}")
    reader = readers[reading.format]
    more = {"image_dir": reading.images} if reading.format == "yolo" else {}
    keeps = reading.format in CARRYING and not (reading.outlined and reading.format == "yolo")
    return partial(reader, **more, **({"keep": True} if keeps else {}))


def _problems(kind: Kind[Any], data: Dataset[Any], need_images: bool) -> list[Problem]:
    """As training finds them; an image that is not needed and not there is not asked for its size."""
    here = [need_images or kind.needs_image(item) or item.path.is_file() for item in data.items]
    known = tuple(item for item, is_here in zip(data.items, here, strict=True) if is_here)
    found = list(data.problems)
    if known:
        checked = check_dataset(kind, replace(data, items=known, problems=()), decode=False)
        found += [_described(problem) for problem in checked if problem.path != data.source]  # not: no box at all
    for item in (item for item, is_here in zip(data.items, here, strict=True) if not is_here):
        size_known = item.width > 0 and item.height > 0
        problem = kind.check(item, data.labels, (item.width, item.height)) if size_known else _unsized(item.path)
        found += [problem] if problem else []
    return found


def _unsized(path: Path) -> Problem:
    return Problem(path, "its size is not known; give --images DIR")


def _described(problem: Problem) -> Problem:
    """The problem, and what to do where an image is missing."""
    if problem.message != MISSING:
        return problem
    return replace(problem, message=f"{MISSING}; --images DIR says where the images are")


def _with_images(found: AnnotatedSet, reading: Reading) -> AnnotatedSet:
    items = tuple(replace(i, path=_image_path(i.path, i.name, reading.images)) for i in found.items)
    missing = [_described(Problem(item.path, MISSING)) for item in items if not item.path.is_file()]
    if missing and reading.need_images:
        _refuse_or_say(reading, missing, None)
        items = tuple(item for item in items if item.path.is_file())
        found = replace(found, skipped=found.skipped + len(missing))
    _refuse_nothing(reading, items)
    return replace(found, items=items)


def _image_path(path: Path, name: str, images: Path | None) -> Path:
    """Where an image lies: in `images` by its name with folders or without, else where the reader has it."""
    tries = [] if images is None else [images / (name or path.name), images / path.name]
    return next((found for found in tries if found.is_file()), path)


def _refuse_or_say(reading: Reading, problems: list[Problem], split: str | None) -> None:
    error = refusal(reading.place, problems, f" in {split}" if split else "")
    if reading.say is None:
        raise error
    reading.say("\n".join(str(error).replace("fix them or pass --skip-bad", "left out").split("\n")))


def _refuse_nothing(reading: Reading, images: tuple[Any, ...]) -> None:
    if not images:
        raise DataError(f"{reading.place}: holds no image that can be converted")
