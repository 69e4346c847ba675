"""A folder of images beside a folder of masks, paired by name: images/ and masks/, by split or with lists."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from dlcli.data.dataset import Problem
from dlcli.data.files import images_by_stem, no_split, read_text, same_stems, stays_below
from dlcli.data.folders import files_in
from dlcli.data.mask_names import gaps, listed_names, meaning, numbered
from dlcli.data.mask_values import look_at_masks, with_white_foreground
from dlcli.data.masks import VOC_COLORS, MaskSet, MaskValues, mask_item
from dlcli.errors import DataError
from dlcli.messages import listed, plural, short_repr

LAYOUT = "masks"
IMAGES = ("images", "imgs", "img")
MASKS = ("masks", "mask", "labels", "annotations")
ENDINGS = ("", "_mask", "_L")  # what a mask's name may add to its image's
NOT_LISTS = {"classes", "labels", "labelmap", "label_colors", "readme", "requirements", "licence", "license"}
LOOKED_FOR = "images/ and masks/ with SPLIT.txt, images/SPLIT and masks/SPLIT, or SPLIT/images and SPLIT/masks"

SHOWN = 5  # names in a note
Pair = tuple[Path, Path]  # the folder of images, the folder of masks


def read_mask_folders(place: Path, split: str | None = None, labels: tuple[str, ...] | None = None) -> MaskSet:
    """Read the images of a split, or of all where split is None; mask_splits says which there are.

    Names of the values: mask_names. labels: the class names to number by; None: the set's own. An image without a
    mask, and a listed name without an image, become Problems. DataError: no such split, or no image in it.
    """
    pairs, lists = folder_pairs(place), split_lists(place)
    if split is not None and split not in pairs and split not in lists:
        raise no_split(place, split, mask_splits(place), LOOKED_FOR)
    wanted = None if split is None or split in pairs else names_in(lists[split])
    chosen = [pairs[split]] if split in pairs else list(pairs.values())
    names, values, notes = _values(place, list(pairs.values()), labels)
    images, problems = pair_up(chosen, wanted, lists.get(split or ""))
    found = tuple(mask_item(path, path.stem, mask, values) for path, mask in images)
    if not found and not problems:
        raise DataError(f"{place}: expected images with masks in {chosen[0][0]}, found none")
    return MaskSet(LAYOUT, names, found, tuple(problems), place, notes=(*notes, *_left_out(place, chosen)))


def _left_out(place: Path, pairs: Iterable[Pair]) -> tuple[str, ...]:
    """On images and masks of the name of another, in another format, and on folders without a partner."""
    again = [path for pair in pairs for folder in pair for path in same_stems(folder)]
    found = (
        (again, "file", "of the name of another in another format, left out"),
        (_alone(place), "folder", "without one of that name on the other side, left out"),
    )
    return tuple(
        f"{place}: {plural(len(paths), noun)} {what}: "
        f"{listed((path.relative_to(place).as_posix() for path in paths), SHOWN)}"
        for paths, noun, what in found
        if paths
    )


def _alone(place: Path) -> list[Path]:
    """Folders with images of images/ that masks/ lacks, and the other way round."""
    sides = _sides(place)
    paired = {folder for pair in folder_pairs(place).values() for folder in pair}
    inside = sorted({folder for pair in sides for side in pair for folder in _folders(side)} - paired)
    return [folder for folder in inside if images_by_stem(folder)]


def mask_splits(place: Path) -> list[str]:
    """The names of the splits: of folders, then of lists."""
    return sorted({name for name in folder_pairs(place) if name} | set(split_lists(place)))


def folder_pairs(place: Path) -> dict[str, Pair]:
    """The folders of images and masks by split, "" for those of no split; empty where this is no such set."""
    pairs: dict[str, Pair] = {}
    for images, masks in _sides(place):
        if images_by_stem(images) and images_by_stem(masks):
            pairs.setdefault("", (images, masks))
        for folder in _folders(images):
            if (masks / folder.name).is_dir():
                pairs.setdefault(folder.name, (folder, masks / folder.name))
    for folder in _folders(place):
        for images, masks in _sides(folder):
            pairs.setdefault(folder.name, (images, masks))
        beside = folder.with_name(f"{folder.name}annot")  # CamVid as SegNet's authors laid it out
        if beside.is_dir():
            pairs.setdefault(folder.name, (folder, beside))
    return {name: pair for name, pair in pairs.items() if images_by_stem(pair[1])}


def split_lists(place: Path) -> dict[str, Path]:
    """SPLIT.txt by the split's name, where all images lie in one folder."""
    if "" not in folder_pairs(place):
        return {}
    return {path.stem: path for path in files_in(place, ".txt") if path.stem.casefold() not in NOT_LISTS}


def names_in(path: Path) -> list[str]:
    """The images' names without folder and suffix: the first word of each line, repeats dropped. DataError: none."""
    words = [line.split()[0] for line in read_text(path).splitlines() if line.strip()]
    for word in words:
        if not stays_below(word.lstrip("/")):
            raise DataError(f"{path}: expected names of images, got {short_repr(word)}")
    known = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif"}
    names = [Path(word).stem if Path(word).suffix.lower() in known else Path(word).name for word in words]
    if not names:
        raise DataError(f"{path}: expected the name of an image a line, found none")
    return list(dict.fromkeys(names))


def pair_up(
    pairs: Iterable[Pair], wanted: list[str] | None, source: Path | None = None
) -> tuple[list[tuple[Path, Path]], list[Problem]]:
    """(image, mask) for each wanted name, None for every image; and what has no partner, masks too where every image is
    wanted. source: of the names.
    """
    found: list[tuple[Path, Path]] = []
    problems: list[Problem] = []
    for images, masks in pairs:
        stored, masked = images_by_stem(images), images_by_stem(masks)
        for name in stored if wanted is None else wanted:
            mask = _mask_of(name, masked)
            if name not in stored:
                problems.append(Problem(source or images, f"{name}: no such image in {images}"))
            elif mask is None:
                problems.append(Problem(stored[name], f"no mask of that name in {masks}"))
            else:
                found.append((stored[name], mask))
        if wanted is None:
            used = {mask for _, mask in found}
            lone = (path for path in masked.values() if path not in used)
            problems += [Problem(path, f"is of no image: none of that name in {images}") for path in lone]
    return found, problems


def _mask_of(name: str, masked: Mapping[str, Path]) -> Path | None:
    return next((masked[name + ending] for ending in ENDINGS if name + ending in masked), None)


def _values(
    place: Path, pairs: list[Pair], labels: tuple[str, ...] | None
) -> tuple[tuple[str, ...], MaskValues, tuple[str, ...]]:
    """Class names, what values mean, for the whole set, whatever the split, and what is to be said of it."""
    masks = [path for _, folder in pairs for path in images_by_stem(folder).values()]
    named = listed_names(place)
    seen = look_at_masks(place, masks, VOC_COLORS if named is None else named[1])
    if named is None:
        names, values = numbered(place, seen, labels)
    else:
        names, values = meaning(named[0], labels, named[1], named[2])
    values, notes = with_white_foreground(place, values, seen)
    return names, values, (*notes, *seen.notes, *(gaps(place, seen) if named is None else ()))


def _sides(place: Path) -> list[Pair]:
    return [
        (place / images, place / masks)
        for images in IMAGES
        for masks in MASKS
        if (place / images).is_dir() and (place / masks).is_dir()
    ]


def _folders(place: Path) -> list[Path]:
    return [path for path in files_in(place) if path.is_dir()]
