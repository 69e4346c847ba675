"""LabelMe: one JSON file of shapes beside each image."""

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.data.boxes import BoxItem, BoxSet, GroundTruth, box_item
from dlcli.data.dataset import Problem
from dlcli.data.files import (
    LARGEST_FILE,
    images_below,
    is_file_name,
    is_unicode,
    no_split,
    pixel,
    read_bytes,
    read_score,
    read_text,
    stays_below,
)
from dlcli.data.folders import files_below
from dlcli.data.image_size import size_or_asked
from dlcli.data.labelme.carried import carried_by_file, carried_by_shapes
from dlcli.data.labelme.shapes import (
    IGNORE,
    Shape,
    has_flag,
    is_background,
    is_outline,
    is_void,
    shape_box,
    shape_class,
    shape_groups,
    shape_label,
)
from dlcli.data.mask_names import BACKGROUND_NAMES
from dlcli.errors import DataError
from dlcli.messages import listed, plural, short_repr

LAYOUT = "labelme"
SPLITS = ("train", "val", "valid", "validation", "test", "trainval")  # names of folders that are splits
NAME_FILES = ("labels.txt", "classes.txt")
NOT_NAMES = {IGNORE, *BACKGROUND_NAMES}  # with which LabelMe's lists of labels begin
LOOKED_FOR = "*.json with shapes beside the images, in folders train, val, test or in one tree"

_COCO = re.compile(rb'"annotations"\s*:\s*\[')  # as a key: a class or a flag may have the name too


def read_labelme(
    place: Path, split: str | None = None, labels: tuple[str, ...] | None = None, keep: bool = False
) -> BoxSet:
    """Read the LabelMe files below a folder, below its folder SPLIT, or one file; split None: all.

    A rectangle, of two corners or four, is its box; of a polygon, circle or mask the surrounding box is taken; shapes
    of one label and group_id are one object. Flags `difficult` and `crowd` of a shape set ignore and crowd; what
    `__ignore__` covers is a crowd of every class. labels: the class names to number by; None: those of labels.txt, or
    else those found in the whole folder, in alphabetical order. keep: carry what a box does not say, for a conversion.
    A file that cannot be understood, and one with a point or a line, becomes a Problem. DataError: no such split, or
    no file.
    """
    contents = labelme_contents(place, split)
    labels = labelme_names(place, contents if split is None else None) if labels is None else labels
    class_ids = {label: index for index, label in enumerate(labels)}
    root = labelme_root(place, split)
    images, problems = [], []
    for path, content in contents.items():
        try:
            images.append(_image(path, root, _checked(content), class_ids, keep))
        except DataError as error:
            problems.append(Problem(path, str(error)))
    notes = labelme_notes(place, root, contents, [item.path for item in images])
    shared = shared_images((item.path, item.annotation) for item in images)
    kept = tuple(item for item in images if item.path not in shared)
    return BoxSet(LAYOUT, labels, kept, (*problems, *shared.values()), source=place, notes=notes)


def labelme_files(place: Path) -> list[Path]:
    """Every JSON file below a folder that holds shapes, sorted; a file itself if it does."""
    paths = [place] if place.is_file() else [path for path in files_below(place, ".json") if path.is_file()]
    return [path for path in paths if is_labelme(path)]


def is_labelme(path: Path) -> bool:
    """Whether a file says that it holds shapes; it may still be damaged."""
    try:
        text = read_bytes(path, LARGEST_FILE)
    except DataError:
        return False
    return b'"shapes"' in text and not _COCO.search(text)


def labelme_splits(place: Path) -> list[str]:
    """The folders that are splits by their names; any other can be read by its name all the same."""
    return [name for name in SPLITS if (place / name).is_dir() and labelme_files(place / name)]


def labelme_root(place: Path, split: str | None) -> Path:
    """The folder below which the files lie."""
    if place.is_file():
        return place.parent
    return place / split if split else place


def labelme_contents(place: Path, split: str | None) -> dict[Path, dict[str, Any] | DataError]:
    """What each file holds, or what is wrong with it. DataError: no such split, or no file."""
    if split is not None and not (stays_below(split) and (place / split).is_dir() and labelme_files(place / split)):
        raise no_split(place, split, labelme_splits(place), LOOKED_FOR)
    root = place if place.is_file() else labelme_root(place, split)
    contents = {path: _content(path) for path in labelme_files(root)}
    if not contents:
        raise DataError(f"{root}: expected LabelMe's JSON files, found none")
    return contents


def labelme_names(place: Path, contents: Mapping[Path, Any] | None = None) -> tuple[str, ...]:
    """Class names: of a list in the folder, or those found. contents: of all files, where they are read already."""
    for path in (place / name for name in NAME_FILES):
        if place.is_dir() and path.is_file():
            names = [line.strip() for line in read_text(path).splitlines() if line.strip()]
            return tuple(dict.fromkeys(name for name in names if name not in NOT_NAMES))
    contents = labelme_contents(place, None) if contents is None else contents
    shapes = [shape for content in contents.values() if isinstance(content, dict) for shape in content["shapes"]]
    named = [shape for shape in shapes if isinstance(shape, dict) and _is_text(shape.get("label"))]
    return tuple(sorted({shape_label(shape) for shape in named if not is_void(shape) and not is_background(shape)}))


def labelme_image(path: Path, root: Path, content: Mapping[str, Any]) -> tuple[Path, str, tuple[int, int]]:
    """The image of a file, its name below `root`, and its (width, height), zeros where nothing tells.

    The name is the file's own with the image's ending: an image may lie elsewhere. DataError: no imagePath.
    """
    stated = content.get("imagePath")
    if not isinstance(stated, str) or not stated.strip() or not is_file_name(stated):
        raise DataError(f"expected the image's imagePath, got {short_repr(stated)}")
    image = _image_place(path, stated)
    own = path.with_suffix(image.suffix)
    sides = (content.get("imageWidth"), content.get("imageHeight"))
    width, height = (0 if side is None else int(pixel(side, "imageWidth, imageHeight")) for side in sides)
    return (
        image,
        own.relative_to(root).as_posix(),
        size_or_asked((width, height) if width and height else (0, 0), image),
    )


def _image_place(path: Path, stated: str) -> Path:
    """Where imagePath points, as it stands or as written on Windows; else beside the file, as of another machine."""
    plain = stated.replace("\\", "/")
    places = (path.parent / stated, path.parent / plain, path.parent / plain.rpartition("/")[2])
    return next((place for place in places if os.path.isfile(place)), places[1])


def _image(path: Path, root: Path, content: dict[str, Any], class_ids: Mapping[str, int], keep: bool) -> BoxItem:
    boxes = []
    for number, shapes in shape_groups(content):
        try:
            boxes += _truths(shapes, class_ids, keep)
        except DataError as error:
            raise DataError(f"shape {number}: {error}") from None
    image, name, size = labelme_image(path, root, content)
    item = box_item(image, path.stem, size, boxes, path, name)
    return replace(item, carried=carried_by_file(content)) if keep else item


def _truths(shapes: Sequence[Shape], class_ids: Mapping[str, int], keep: bool) -> list[GroundTruth]:
    """The box around the shapes of one object; of one that does not count a crowd of every class, as none is meant.

    keep: that one stands in what the file carries.
    """
    if is_background(shapes[0]) or (keep and is_void(shapes[0])):
        return []
    class_id = -1 if is_void(shapes[0]) else shape_class(shapes[0], class_ids)
    boxes = np.array([shape_box(shape) for shape in shapes])  # [N, 4]
    box = (*boxes[:, :2].min(0).tolist(), *boxes[:, 2:].max(0).tolist())
    if is_void(shapes[0]):
        return [GroundTruth(box, any_class, ignore=True, crowd=True) for any_class in class_ids.values()]
    crowd = any(has_flag(shape, "crowd") for shape in shapes)
    difficult = any(has_flag(shape, "difficult") or shape.get("difficult") is True for shape in shapes)
    outlined = len(shapes) > 1 or is_outline(shapes[0])
    score = read_score(shapes[0].get("score"))
    carried = carried_by_shapes(shapes) if keep else None
    return [GroundTruth(box, class_id, difficult or crowd, crowd, score, outlined, carried)]


def shared_images(pairs: Iterable[tuple[Path, Path | None]]) -> dict[Path, Problem]:
    """Images that several files are of, each of which has a part of the shapes at best. pairs: (image, its file)."""
    files: dict[Path, list[Path]] = {}
    for image, file in pairs:
        files.setdefault(image, []).extend([file] if file else [])
    return {
        image: Problem(found[0], f"is not the only one of {image.name}: {_names(found)}; join them", image)
        for image, found in files.items()
        if len(found) > 1
    }


def labelme_notes(place: Path, root: Path, contents: Mapping[Path, Any], images: Iterable[Path]) -> tuple[str, ...]:
    """What is to be said of the set: shapes that do not count, or are background, and images without a file."""
    shapes = [
        shape
        for content in contents.values()
        if isinstance(content, dict)
        for shape in content["shapes"]
        if isinstance(shape, dict) and _is_text(shape.get("label"))
    ]
    void, background = sum(map(is_void, shapes)), sum(map(is_background, shapes))
    claimed = {os.path.realpath(path) for path in images}
    own = {path.with_suffix("") for path in contents}
    below = [] if place.is_file() else images_below(root)
    bare = [path for path in below if path.with_suffix("") not in own and os.path.realpath(path) not in claimed]
    notes = [
        (void, f"{place}: {plural(void, 'shape')} {IGNORE}: what they cover does not count"),
        (background, f"{place}: {plural(background, 'shape')} of the background, which is no object"),
        (len(bare), f"{place}: {plural(len(bare), 'image')} without a JSON file, left out: {_names(bare)}"),
    ]
    return tuple(text for count, text in notes if count)


def _names(paths: Sequence[Path]) -> str:
    return listed((path.name for path in paths), 5)


def _content(path: Path) -> dict[str, Any] | DataError:
    try:
        content = json.loads(read_text(path, LARGEST_FILE))
    except DataError as error:
        return DataError(str(error).removeprefix(f"{path}: "))
    except (ValueError, RecursionError) as error:  # ValueError: also a number of too many digits
        return DataError(f"not valid JSON ({short_repr(str(error), 80)})")
    if not isinstance(content, dict) or not isinstance(content.get("shapes"), list):
        return DataError("expected an object with a list 'shapes'")
    return content


def _checked(content: dict[str, Any] | DataError) -> dict[str, Any]:
    if isinstance(content, DataError):
        raise content
    return content


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and is_unicode(value)
