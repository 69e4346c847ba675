"""Finds out how a data set of class masks is laid out, and reads it; training and evaluation call this."""

from collections.abc import Callable
from pathlib import Path

from dlcli.data import mask_folders
from dlcli.data.coco import files as coco_files
from dlcli.data.coco.masks import read_coco_masks
from dlcli.data.layouts import chosen_split
from dlcli.data.mask_folders import read_mask_folders
from dlcli.data.segmentation_set import SegmentationSet
from dlcli.data.voc import masks as voc_masks
from dlcli.data.voc.masks import read_voc_masks
from dlcli.errors import DataError

Reader = Callable[[Path, str | None, tuple[str, ...] | None], SegmentationSet]


def read_segmentation_set(place: Path, split: str | None, labels: tuple[str, ...] | None = None) -> SegmentationSet:
    """Read one split of a folder with masks (or of a COCO JSON file), its layout found by looking.

    VOC's SegmentationClass, folders of pictures and masks, COCO, in this order. split: its name, or a synonym as for
    boxes; None or "all": everything. labels: the class names to number by (a model's); None: the set's own.
    DataError where no layout fits or the split does not exist; it says what was looked for and what is there.
    """
    reader, splits = _layout(place)
    return reader(place, chosen_split(split, splits), labels)


def segmentation_splits(place: Path) -> list[str]:
    """The names of the splits that a set has; empty where it has none. DataError where no layout fits."""
    return _layout(place)[1]


def _layout(place: Path) -> tuple[Reader, list[str]]:
    if not place.exists():
        raise DataError(f"{place}: no such folder; expected pictures with masks")
    if place.is_file():
        if place.suffix.lower() != ".json":
            raise DataError(f"{place}: expected a folder or a COCO .json file, got {place.suffix or 'no ending'}")
        return read_coco_masks, []
    if voc_masks.has_voc_masks(place):
        return read_voc_masks, voc_masks.voc_mask_splits(place)
    if mask_folders.folder_pairs(place):
        return read_mask_folders, mask_folders.mask_splits(place)
    if files := coco_files.coco_files(place):
        return read_coco_masks, list(files)
    raise DataError(
        f"{place}: found no masks in a known layout; looked for VOC ({voc_masks.LOOKED_FOR}), "
        f"folders ({mask_folders.LOOKED_FOR}) and COCO ({coco_files.LOOKED_FOR})"
    )
