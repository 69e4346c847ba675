"""Finds out how a data set of boxes is laid out, and reads it; training and evaluation call this."""

from collections.abc import Callable
from pathlib import Path

from dlcli.data.coco import files as coco_files
from dlcli.data.coco.boxes import read_coco
from dlcli.data.detection_set import DetectionSet
from dlcli.data.labelme import boxes as labelme
from dlcli.data.labelme.boxes import read_labelme
from dlcli.data.voc import boxes as voc
from dlcli.data.voc.boxes import read_voc, voc_folders, voc_splits
from dlcli.data.yolo import files as yolo_files
from dlcli.data.yolo.boxes import read_yolo
from dlcli.errors import DataError

Reader = Callable[[Path, str | None, tuple[str, ...] | None], DetectionSet]

ALL = "all"
SYNONYMS = {"val": ("valid", "validation", "val2017"), "train": ("train2017", "training"), "test": ("test2017",)}


def read_detection_set(folder: Path, split: str | None, labels: tuple[str, ...] | None = None) -> DetectionSet:
    """Read one split of a labelled folder, its layout found by looking; or a COCO or LabelMe JSON or YOLO YAML file.

    split: its name; where it does not exist but one of its SYNONYMS does, that one is read. None or "all": everything,
    in a set that has no splits (VOC, LabelMe: in any set). labels: the class names to number by (a model's); None: the
    set's own.
    DataError where no layout fits or the split does not exist; it says what was looked for and what is there.
    """
    if not folder.exists():
        raise DataError(f"{folder}: no such folder; expected a labelled data set")
    reader, splits = _layout(folder)
    return reader(folder, chosen_split(split, splits), labels)


def detection_splits(folder: Path) -> list[str]:
    """The names of the splits that a labelled folder has; empty where it has none."""
    return _layout(folder)[1]


def _layout(place: Path) -> tuple[Reader, list[str]]:
    if place.is_file():
        return _layout_of_file(place)
    if voc_folders(place):
        return read_voc, voc_splits(place)
    if files := coco_files.coco_files(place):
        return read_coco, list(files)
    has_names = yolo_files.yolo_yaml(place) or any((place / name).is_file() for name in yolo_files.NAME_FILES)
    if has_names:
        return read_yolo, yolo_files.yolo_splits(place)
    if labelme.labelme_files(place):
        return read_labelme, labelme.labelme_splits(place)
    raise DataError(
        f"{place}: found no boxes in a known layout; looked for VOC ({voc.LOOKED_FOR}), COCO ({coco_files.LOOKED_FOR}),"
        f" YOLO ({yolo_files.LOOKED_FOR}) and LabelMe ({labelme.LOOKED_FOR})"
    )


def _layout_of_file(place: Path) -> tuple[Reader, list[str]]:
    suffix = place.suffix.lower()
    if suffix == ".json":
        return (read_labelme if labelme.is_labelme(place) else read_coco), []
    if suffix in (".yaml", ".yml"):
        return read_yolo, yolo_files.yolo_splits(place)
    raise DataError(
        f"{place}: expected a folder, a COCO or LabelMe .json or a YOLO .yaml file, got {suffix or 'no ending'}"
    )


def chosen_split(wanted: str | None, splits: list[str]) -> str | None:
    """The split to ask a reader for: the one wanted, or its synonym that is there; None for all."""
    if wanted is None or wanted in splits:
        return wanted
    if wanted == ALL:
        return None
    return next((name for name in SYNONYMS.get(wanted, ()) if name in splits), wanted)
