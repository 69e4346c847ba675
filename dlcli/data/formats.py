"""Which format a labeled set is in, detected, and the split that is read; everything that reads one calls this.

Each kind of target has the formats that hold it, in the order in which they are looked for.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from dlcli.data import class_csv, class_folders, mask_folders
from dlcli.data.boxes import BoxTarget
from dlcli.data.classes import ClassSet, ClassTarget
from dlcli.data.coco import files as coco
from dlcli.data.coco.boxes import read_coco
from dlcli.data.coco.masks import read_coco_masks
from dlcli.data.dataset import Dataset, Format, Kind
from dlcli.data.foreign.formats import annotations_beside, foreign_format
from dlcli.data.foreign.not_classes import not_classes
from dlcli.data.labelme import boxes as labelme
from dlcli.data.masks import MaskTarget
from dlcli.data.renumbered import renumbered
from dlcli.data.splits.names import SYNONYMS
from dlcli.data.voc import masks as voc_masks
from dlcli.data.voc import places as voc
from dlcli.data.voc.boxes import read_voc
from dlcli.data.yolo import files as yolo
from dlcli.data.yolo.boxes import read_yolo
from dlcli.errors import DataError

T = TypeVar("T")
ALL = "all"


def read_dataset(
    kind: Kind[T],
    place: Path,
    split: str | None,
    labels: tuple[str, ...] | None = None,
    aliases: Mapping[str, str] | None = None,
) -> Dataset[T]:
    """Read one split of a labeled folder, or of a file that is a set, its format detected.

    split: its name; where it does not exist but one of its SYNONYMS does, that one is read. None or "all": everything,
    in a set that has no splits (some formats: in any set). labels: the class names to number by (a model's); None: the
    set's own. aliases: other words for labels, as the set has them.
    DataError where no format fits, the split does not exist or a class is unknown; it says what was looked for and
    what is there.
    """
    found = format_of(kind, place)
    chosen = chosen_split(split, found.splits(place))
    if not aliases:
        return found.read(place, chosen, labels)
    if kind.formats is CLASS_FORMATS:
        return found.read(place, chosen, labels, aliases=aliases)
    own = found.read(place, chosen, None)
    return own if labels is None else renumbered(own, labels, aliases)


def dataset_splits(kind: Kind[T], place: Path) -> list[str]:
    """The names of the splits that a labeled set has; [] where it has none. DataError: no format fits."""
    return format_of(kind, place).splits(place)


def format_of(kind: Kind[T], place: Path) -> Format[T]:
    """The first of the kind's formats that fits the place, whoever asks. DataError says what was looked for, and what
    it is where that is known: a format that is not read, or a set with labels of another kind.
    """
    if not place.exists():
        raise DataError(f"{place}: no such folder; expected {kind.expected}")
    found = next((format_ for format_ in kind.formats if format_.fits(place)), None)
    if found is not None:
        if kind.formats is CLASS_FORMATS:
            _refuse_no_classes(place, found.name)
        return found
    if foreign := foreign_format(place):
        raise DataError(f"{place}: is {foreign}")
    if place.is_file():
        raise DataError(f"{place}: expected {kind.places}, got {place.suffix or 'no ending'}")
    *first, last = (f"{format_.title} ({format_.looked_for})" for format_ in kind.formats)
    raise DataError(f"{place}: found no {kind.things} in a known format; looked for {', '.join(first)} and {last}")


def _refuse_no_classes(place: Path, name: str) -> None:
    """DataError: the folders, or the CSV, are not of classes but of a set with other labels."""
    if foreign := foreign_format(place):
        raise DataError(f"{place}: is {foreign}")
    if name != "folders":
        return
    for title, formats in (("boxes", BOX_FORMATS), ("masks", MASK_FORMATS)):
        other = next((format_ for format_ in formats if format_.fits(place)), None)
        if other is not None:
            raise DataError(
                f"{place}: is a set of {title} in {other.title} format, and its folders are no classes; expected "
                f"{class_folders.LOOKED_FOR}, or {class_csv.LOOKED_FOR}"
            )
    if reason := annotations_beside(place):
        reason = f"{reason}, so its folders are no classes"
    if reason := reason or not_classes(place):
        raise DataError(f"{place}: {reason}; expected {class_folders.LOOKED_FOR}, or {class_csv.LOOKED_FOR}")


def chosen_split(wanted: str | None, splits: list[str]) -> str | None:
    """The split to ask a reader for: the one wanted, or its synonym that is there; None for all."""
    if wanted is None or wanted in splits:
        return wanted
    if wanted == ALL:
        return None
    return next((name for name in SYNONYMS.get(wanted, ()) if name in splits), wanted)


def is_coco(place: Path) -> bool:
    """Whether a folder holds COCO's files; a file may be one if it is JSON and not LabelMe's."""
    return _ends(place, ".json") and not labelme.is_labelme(place) if place.is_file() else bool(coco.coco_files(place))


def is_voc(place: Path) -> bool:
    """Whether a folder holds VOC's XML files, in folders or beside the images."""
    return place.is_dir() and bool(voc.voc_places(place))


def is_yolo(place: Path) -> bool:
    """Whether a folder holds a data.yaml, or label files; a list of names alone may be one of masks. A file is taken at
    its ending.
    """
    if place.is_file():
        return _ends(place, ".yaml", ".yml")
    if yolo.yolo_yaml(place):
        return yolo.is_data_yaml(place) or yolo.has_label_files(place)
    named = any((place / name).is_file() for name in yolo.NAME_FILES)
    return yolo.has_label_files(place) or (named and not has_mask_files(place) and not labelme.labelme_files(place))


def is_labelme(place: Path) -> bool:
    """Whether a folder holds JSON files with shapes, or a file is one."""
    return (_ends(place, ".json") or place.is_dir()) and bool(labelme.labelme_files(place))


def has_mask_files(place: Path) -> bool:
    """Whether there are masks as images, VOC's or in folders."""
    return voc_masks.has_voc_masks(place) or bool(mask_folders.folder_pairs(place))


def _coco_splits(place: Path) -> list[str]:
    return [] if place.is_file() else list(coco.coco_files(place))


def _labelme_splits(place: Path) -> list[str]:
    return [] if place.is_file() else labelme.labelme_splits(place)


def _is_csv(place: Path) -> bool:
    return _ends(place, ".csv") if place.is_file() else bool(class_csv.csv_files(place))


def _csv_splits(place: Path) -> list[str]:
    return class_csv.csv_splits(class_csv.csv_files(place))


def _read_csv(
    place: Path, split: str | None, labels: tuple[str, ...] | None, aliases: Mapping[str, str] | None = None
) -> ClassSet:
    return class_csv.read_class_csv(class_csv.csv_files(place), split, labels, aliases)


def _ends(place: Path, *endings: str) -> bool:
    return place.suffix.lower() in endings


BOX_FORMATS: tuple[Format[BoxTarget], ...] = (
    Format("voc", "VOC", voc.LOOKED_FOR, is_voc, voc.voc_splits, read_voc),
    Format("coco", "COCO", coco.LOOKED_FOR, is_coco, _coco_splits, read_coco),
    Format("yolo", "YOLO", yolo.LOOKED_FOR, is_yolo, yolo.yolo_splits, read_yolo),
    Format("labelme", "LabelMe", labelme.LOOKED_FOR, is_labelme, _labelme_splits, labelme.read_labelme),
)
MASK_FORMATS: tuple[Format[MaskTarget], ...] = (
    Format(
        *("voc", "VOC", voc_masks.LOOKED_FOR, voc_masks.has_voc_masks, voc_masks.voc_mask_splits),
        voc_masks.read_voc_masks,
    ),
    Format(
        *("masks", "folders", mask_folders.LOOKED_FOR, lambda place: bool(mask_folders.folder_pairs(place))),
        *(mask_folders.mask_splits, mask_folders.read_mask_folders),
    ),
    Format("coco", "COCO", coco.LOOKED_FOR, is_coco, _coco_splits, read_coco_masks),
)
CLASS_FORMATS: tuple[Format[ClassTarget], ...] = (
    Format("csv", "CSV", class_csv.LOOKED_FOR, _is_csv, _csv_splits, _read_csv),
    Format(
        *("folders", "folders", class_folders.LOOKED_FOR),
        *(lambda place: place.is_dir() and bool(class_folders.class_folders(place)), class_folders.folder_splits),
        class_folders.read_image_folders,
    ),
)
