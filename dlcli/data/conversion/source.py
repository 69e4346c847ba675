"""Reads a set in any format for a conversion, or finds out which one it is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from dlcli.data import mask_folders, mask_layouts
from dlcli.data.check import box_message, check_detection_set, refusal, without
from dlcli.data.coco import files as coco_files
from dlcli.data.coco.boxes import coco_content, coco_names, read_coco
from dlcli.data.coco.masks import read_coco_masks
from dlcli.data.conversion.annotated_set import AnnotatedSet, of_boxes, of_masks
from dlcli.data.conversion.ids_file import ids_path, read_ids, with_ids
from dlcli.data.conversion.record_set import WHOLE, read_record_set, record_splits, records_file
from dlcli.data.detection_set import DetectionSet, Problem
from dlcli.data.folders import files_in
from dlcli.data.labelme import boxes as labelme
from dlcli.data.labelme.masks import read_labelme_masks
from dlcli.data.layouts import SYNONYMS
from dlcli.data.mask_check import check_segmentation_set, without_masks
from dlcli.data.mask_layouts import read_segmentation_set
from dlcli.data.segmentation_set import SegmentationSet
from dlcli.data.voc import boxes as voc
from dlcli.data.voc import masks as voc_masks
from dlcli.data.voc.boxes import read_voc
from dlcli.data.yolo import files as yolo_files
from dlcli.data.yolo.boxes import read_yolo
from dlcli.data.yolo.masks import read_yolo_masks
from dlcli.errors import DataError, UsageError

FORMATS = ("coco", "yolo", "voc", "labelme", "jsonl", "masks")
BOX_READERS = {"coco": read_coco, "yolo": read_yolo, "voc": read_voc, "labelme": labelme.read_labelme}
MISSING = "no such file"


def _read_mask_files(place: Path, split: str | None, labels: tuple[str, ...] | None) -> SegmentationSet:
    """Index PNG and colours, not the outlines of COCO that read_segmentation_set takes too."""
    if not _has_masks(place):
        looked_for = f"VOC ({voc_masks.LOOKED_FOR}) and folders ({mask_folders.LOOKED_FOR})"
        raise DataError(f"{place}: found no masks; looked for {looked_for}")
    return read_segmentation_set(place, split or "all", labels)


def _has_masks(place: Path) -> bool:
    return voc_masks.has_voc_masks(place) or bool(mask_folders.folder_pairs(place))


MASK_READERS = {
    "coco": read_coco_masks,
    "yolo": read_yolo_masks,
    "labelme": read_labelme_masks,
    "masks": _read_mask_files,
}


@dataclass(frozen=True)
class Reading:
    """How a source is read.

    layout: one of FORMATS. outlined: outlines of objects, not boxes. labels: to number by, None: the source's own.
    images: where the pictures are, None: where the format has them. need_pictures: each must be there.
    say: told of bad files, which are left out; None: they are refused.
    """

    place: Path
    layout: str
    outlined: bool
    labels: tuple[str, ...] | None = None
    images: Path | None = None
    need_pictures: bool = False
    say: Callable[[str], None] | None = None


def found_layout(place: Path, outlined: bool) -> str:
    """The format of a folder or file, by looking. DataError says what was looked for."""
    if place.is_file():
        endings = {".jsonl": "jsonl", ".yaml": "yolo", ".yml": "yolo", ".json": "coco"}
        if place.suffix.lower() not in endings:
            raise DataError(f"{place}: expected a folder, or a .json, .jsonl or .yaml file")
        return "labelme" if labelme.is_labelme(place) else endings[place.suffix.lower()]
    if (place / f"{WHOLE}.jsonl").is_file():  # of a run, which may have saved other formats beside it
        return "jsonl"
    tests: dict[str, Callable[[Path], Any]] = {
        "voc": lambda place: not outlined and _has_voc_boxes(place),
        "coco": coco_files.coco_files,
        "masks": lambda place: _has_masks(place) and (outlined or next(place.glob("**/labels/**/*.txt"), None) is None),
        "yolo": lambda place: yolo_files.yolo_yaml(place) or any((place / n).is_file() for n in yolo_files.NAME_FILES),
        "jsonl": records_file,
        "labelme": labelme.labelme_files,
    }
    for layout, test in tests.items():
        if test(place):
            return layout
    if outlined and _has_voc_boxes(place):
        raise UsageError(f"{place}: is a VOC set of boxes, without masks; looked for {voc_masks.LOOKED_FOR}")
    raise DataError(f"{place}: found no annotations of {', '.join(FORMATS)}; name the format by --from")


def _has_voc_boxes(place: Path) -> bool:
    return any(files_in(place / name, ".xml") for name in voc.BOX_FOLDERS)


def source_splits(place: Path, layout: str) -> list[str]:
    """The splits of a source; [] where it has none."""
    if layout == "masks":
        return mask_layouts.segmentation_splits(place) if _has_masks(place) else []
    if layout == "jsonl":
        return record_splits(place)
    if layout == "coco":
        return [] if place.is_file() else [name for name in coco_files.coco_files(place) if name != coco_files.WHOLE]
    if layout == "yolo":
        return yolo_files.yolo_splits(place)
    if layout == "voc":
        return [name for name in voc.voc_splits(place) if "_" not in name]  # not "cat_train"
    ids = read_ids(ids_path(place))  # of a set with splits of any name
    named = [split for split in ids.pictures if split and (place / split).is_dir()] if ids else []
    return named or ([] if place.is_file() else labelme.labelme_splits(place))


def chosen_splits(place: Path, layout: str, wanted: str | None) -> list[str | None]:
    """What to read: the split that is wanted, or else every one; None: a set as a whole."""
    splits = source_splits(place, layout)
    if wanted is None:
        return [*splits] or [None]
    if wanted == "all" and wanted not in splits:
        return [None]
    return [wanted if wanted in splits else next((n for n in SYNONYMS.get(wanted, ()) if n in splits), wanted)]


def read_source(reading: Reading, split: str | None) -> AnnotatedSet:
    """One split. DataError: bad files, if `say` is None; no picture left."""
    if reading.layout == "jsonl":
        found = read_record_set(reading.place, split, reading.labels, reading.say)
        found = _with_pictures(found, reading)
    elif reading.outlined:
        found = _read_masks(reading, split)
    else:
        found = _read_boxes(reading, split)
    ids = read_ids(ids_path(reading.place))
    return found if ids is None or reading.labels is not None else with_ids(found, ids, split or "")


def _read_boxes(reading: Reading, split: str | None) -> AnnotatedSet:
    if reading.layout not in BOX_READERS:
        raise UsageError(f"--from {reading.layout}: holds no boxes; add --masks to convert outlines")
    reader = partial(read_yolo, images=reading.images) if reading.layout == "yolo" else BOX_READERS[reading.layout]
    dataset = reader(reading.place, split, reading.labels)
    pictures = tuple(replace(p, path=_picture_path(p.path, p.name, reading.images)) for p in dataset.pictures)
    dataset = replace(dataset, pictures=pictures)
    problems = _box_problems(dataset, reading.need_pictures)
    if problems:
        _refuse_or_say(reading, problems, split)
        dataset = without(dataset, problems)
    _refuse_nothing(reading, dataset.pictures)
    return replace(of_boxes(dataset), skipped=len({problem.path for problem in problems}))


def _read_masks(reading: Reading, split: str | None) -> AnnotatedSet:
    if reading.layout not in MASK_READERS:
        raise UsageError(f"--from {reading.layout}: has boxes and no outlines; leave out --masks, or give --from masks")
    is_yolo = reading.layout == "yolo"
    reader = partial(read_yolo_masks, images=reading.images) if is_yolo else MASK_READERS[reading.layout]
    dataset = reader(reading.place, split, reading.labels)
    pictures = tuple(replace(p, path=_picture_path(p.path, p.name, reading.images)) for p in dataset.pictures)
    dataset = replace(dataset, pictures=pictures)
    problems = _mask_problems(dataset, reading.need_pictures)
    if problems:
        _refuse_or_say(reading, problems, split)
        dataset = without_masks(dataset, problems)
    _refuse_nothing(reading, dataset.pictures)
    categories: dict[str, int] = {}
    if reading.layout == "coco":
        path = coco_files.coco_file(reading.place, split)
        categories = {name: category for category, name in coco_names(path, coco_content(path)).items()}
    return replace(of_masks(dataset, categories), skipped=len({problem.path for problem in problems}))


def _box_problems(dataset: DetectionSet, need_pictures: bool) -> list[Problem]:
    """As training finds them; a picture that is not needed and not there is not asked for its size."""
    here = [picture for picture in dataset.pictures if need_pictures or picture.path.is_file()]
    there = [picture for picture in dataset.pictures if not (need_pictures or picture.path.is_file())]
    found = list(dataset.problems)
    if here:
        checked = check_detection_set(replace(dataset, pictures=tuple(here), problems=()), decode=False)
        found += [_told(problem) for problem in checked if problem.path != dataset.source]  # not: no box at all
    for picture in there:
        size_known = picture.width > 0 and picture.height > 0
        message = box_message(picture, dataset.labels) if size_known else "its size is not known; give --images DIR"
        found += [Problem(picture.path, message)] if message else []
    return found


def _mask_problems(dataset: SegmentationSet, need_pictures: bool) -> list[Problem]:
    here = [p for p in dataset.pictures if need_pictures or isinstance(p.mask, Path) or p.path.is_file()]
    found = list(dataset.problems)
    if here:
        checked = check_segmentation_set(replace(dataset, pictures=tuple(here), problems=()), decode=False)
        found += [_told(problem) for problem in checked]
    known = {id(picture) for picture in here}
    unsized = [p for p in dataset.pictures if id(p) not in known and not (p.width and p.height)]
    return found + [Problem(p.path, "its size is not known; give --images DIR") for p in unsized]


def _told(problem: Problem) -> Problem:
    """The problem, and what to do where a picture is missing."""
    if problem.message != MISSING:
        return problem
    return replace(problem, message=f"{MISSING}; --images DIR says where the pictures are")


def _with_pictures(found: AnnotatedSet, reading: Reading) -> AnnotatedSet:
    files = tuple(
        _picture_path(path, picture.name, reading.images)
        for path, picture in zip(found.files, found.pictures, strict=True)
    )
    missing = [_told(Problem(path, MISSING)) for path in files if not path.is_file()]
    if missing and reading.need_pictures:
        _refuse_or_say(reading, missing, None)
        kept = [path.is_file() for path in files]
        pictures = tuple(picture for picture, keep in zip(found.pictures, kept, strict=True) if keep)
        files = tuple(path for path in files if path.is_file())
        found = replace(found, pictures=pictures, skipped=found.skipped + len(missing))
    _refuse_nothing(reading, found.pictures)
    return replace(found, files=files)


def _picture_path(path: Path, name: str, images: Path | None) -> Path:
    """Where a picture lies: in `images` by its name with folders or without, else where the reader has it."""
    tries = [] if images is None else [images / (name or path.name), images / path.name]
    return next((found for found in tries if found.is_file()), path)


def _refuse_or_say(reading: Reading, problems: list[Problem], split: str | None) -> None:
    error = refusal(reading.place, problems, f" in {split}" if split else "")
    if reading.say is None:
        raise error
    reading.say("\n".join(str(error).replace("fix them or pass --skip-bad", "left out").split("\n")))


def _refuse_nothing(reading: Reading, pictures: tuple[Any, ...]) -> None:
    if not pictures:
        raise DataError(f"{reading.place}: holds no picture that can be converted")
