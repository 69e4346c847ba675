"""Masks that stand in for true ones: from a folder, or guessed from boxes by GrabCut."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from dlcli.data.boxes import BoxItem, BoxSet
from dlcli.data.files import images_by_stem
from dlcli.data.formats import dataset_splits, read_dataset
from dlcli.data.kinds import BOXES, MASKS
from dlcli.data.mask_names import NAME_FILES, meaning
from dlcli.data.masks import BACKGROUND, VOC_COLORS, VOID, MaskSet, mask_item
from dlcli.data.voc.places import voc_folders
from dlcli.errors import DataError, ImageError, UsageError
from dlcli.imaging.box_masks import mask_from_boxes
from dlcli.imaging.formats.index_png import encode_index_png
from dlcli.imaging.reader import read_image
from dlcli.messages import listed
from dlcli.records import Source
from dlcli.training.log import TrainLog
from dlcli.training.segment.options import GRABCUT, SegmentTraining
from dlcli.whole_file import write_whole

WEAK = "weak-masks"  # RUN's folder of masks that GrabCut guessed


def weak_folder(options: SegmentTraining, train_set: MaskSet, log: TrainLog) -> Path:
    """The folder that --weak-masks names, or RUN/weak-masks, filled first."""
    if options.weak_masks != GRABCUT:
        return Path(options.weak_masks)
    with log.bar("guessing masks") as bar:
        guess_masks(options.data, train_set, options.out / WEAK, bar.at)
    return options.out / WEAK


def is_weak(mask: Path | None, options: SegmentTraining) -> bool:
    """Whether a mask is one that stands in for a true one."""
    folder = options.out / WEAK if options.weak_masks == GRABCUT else Path(options.weak_masks)
    return bool(options.weak_masks) and mask is not None and mask.parent == folder


def weak_set(folder: Path, place: Path, train_set: MaskSet) -> MaskSet:
    """The masks of `folder` whose images are in the set at `place` and have no mask of their own there.

    Whatever split an image with a true mask is in, it is left out: what is chosen or measured by is never learned
    from. The values of the masks mean what they mean in the set. UsageError: no folder, or no mask in it fits.
    """
    masks = images_by_stem(folder)
    if not masks:
        raise UsageError(f"--weak-masks {folder}: expected a folder of masks, found none there")
    known = {item.path.stem for item in read_dataset(MASKS, place, None).items}
    images: dict[str, Path] = {}
    for near in sorted({item.path.parent for item in train_set.items}):
        images = images_by_stem(near) | images
    values = (
        train_set.items[0].target.values
        or meaning(train_set.labels, train_set.labels, VOC_COLORS, folder / NAME_FILES[0])[1]
    )
    found = tuple(
        mask_item(images[stem], stem, mask, values)
        for stem, mask in masks.items()
        if stem in images and stem not in known
    )
    if not found:
        raise UsageError(
            f"--weak-masks {folder}: none of its {len(masks)} masks has the name of an image beside "
            f"{train_set.items[0].path} that has no mask yet"
        )
    return MaskSet(train_set.format, train_set.labels, found, (), folder)


def guess_masks(
    place: Path, train_set: MaskSet, folder: Path, progress: Callable[[int, int], None] | None = None
) -> None:
    """Write FOLDER/<stem>.png for each image of the set that has boxes and no mask; those already there stay.

    progress: called with (done, total). DataError: there are no boxes, or no class of theirs is one of the set's.
    """
    boxes = all_boxes(place)
    ids = [train_set.labels.index(label) if label in train_set.labels else VOID for label in boxes.labels]
    if all(value == VOID for value in ids):
        raise DataError(
            f"{place}: --weak-masks grabcut: its boxes are of {listed(boxes.labels)}, none of them a class of its masks"
        )
    if BACKGROUND not in train_set.labels[:1]:
        raise DataError(f"{place}: --weak-masks grabcut: expected {BACKGROUND} as the first class of the masks")
    known = {item.path.stem for item in read_dataset(MASKS, place, None).items}
    wanted = [item for item in boxes.items if len(item.target.xyxy) and item.path.stem not in known]
    if not wanted:
        raise DataError(f"{place}: --weak-masks grabcut: no image in it has boxes and no mask")
    for done, item in enumerate(wanted, 1):
        target = folder / f"{item.path.stem}.png"
        if not target.exists():
            write_whole(target, encode_index_png(_guess(item, np.array(ids, np.uint8))))
        if progress:
            progress(done, len(wanted))


def all_boxes(place: Path) -> BoxSet:
    """Every image of a set with boxes, whatever split it is in, each once."""
    splits = None if voc_folders(place) else dataset_splits(BOXES, place)
    parts = [read_dataset(BOXES, place, split) for split in splits] if splits else [read_dataset(BOXES, place, None)]
    images = {item.path: item for part in parts for item in part.items}
    return replace(parts[0], items=tuple(images.values()))


def _guess(item: BoxItem, ids: np.ndarray) -> np.ndarray:
    """uint8 [H, W]. ids: uint8, the mask's value of each class of boxes; VOID for classes that have none."""
    try:
        pixels = read_image(Source.of_file(item.path)).pixels
    except ImageError as error:
        raise DataError(f"{error}; fix the file or take its boxes out") from error
    boxes = item.target
    values = ids[boxes.class_ids]
    return mask_from_boxes(pixels, boxes.xyxy, values, boxes.ignore | (values == VOID))
