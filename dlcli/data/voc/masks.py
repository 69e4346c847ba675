"""PASCAL VOC's masks: SegmentationClass/*.png in indices or colors, lists of names per split."""

from pathlib import Path

from dlcli.data.files import images_by_stem, no_split
from dlcli.data.folders import files_in
from dlcli.data.mask_folders import names_in, pair_up
from dlcli.data.mask_names import VOC_NAMES, listed_names, meaning
from dlcli.data.mask_values import look_at_masks, with_white_foreground
from dlcli.data.masks import VOC_COLORS, VOID, MaskSet, mask_item
from dlcli.errors import DataError

LAYOUT = "voc"
IMAGES, MASKS, LISTS = "JPEGImages", "SegmentationClass", Path("ImageSets", "Segmentation")
LOOKED_FOR = "SegmentationClass/*.png, JPEGImages/ and ImageSets/Segmentation/SPLIT.txt"


def read_voc_masks(place: Path, split: str | None = None, labels: tuple[str, ...] | None = None) -> MaskSet:
    """Read the images that ImageSets/Segmentation/SPLIT.txt names; split None: all that have a mask.

    The classes are VOC's 21, or those of a labelmap.txt (with colors) or classes.txt in the folder. 255 is VOID.
    labels: the class names to number by. A name without an image or mask becomes a Problem; an unknown split raises
    DataError.
    """
    masks = images_by_stem(place / MASKS)
    if split is None:
        wanted, source = list(masks), place / MASKS
    elif split in voc_mask_splits(place):
        source = place / LISTS / f"{split}.txt"
        wanted = names_in(source)
    else:
        raise no_split(place, split, voc_mask_splits(place), place / LISTS / f"{split}.txt")
    named = listed_names(place) or (VOC_NAMES, VOC_COLORS, place / "classes.txt")
    names, values = meaning(named[0], labels, named[1], named[2])
    pairs, problems = pair_up([(place / IMAGES, place / MASKS)], wanted, source)
    if not pairs and not problems:
        raise DataError(f"{place / MASKS}: expected masks, found none")
    seen = look_at_masks(place / MASKS, list(masks.values()), named[1])
    if seen.values <= {0, VOID} and VOID in seen.values and len(values.names) > 2:
        raise DataError(
            f"{place / MASKS}: all {seen.count:,} masks hold nothing but 0 and 255, and 255 does not count in VOC's "
            "masks; if it is a class, write background and its name, a line each, to classes.txt"
        )
    values, notes = with_white_foreground(place, values, seen)
    images = tuple(mask_item(path, path.stem, mask, values) for path, mask in pairs)
    return MaskSet(LAYOUT, names, images, tuple(problems), place, notes=(*notes, *seen.notes))


def has_voc_masks(place: Path) -> bool:
    return (place / IMAGES).is_dir() and bool(images_by_stem(place / MASKS))


def voc_mask_splits(place: Path) -> list[str]:
    """The split names of ImageSets/Segmentation."""
    return sorted(path.stem for path in files_in(place / LISTS, ".txt"))
