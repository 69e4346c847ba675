"""LabelMe: one JSON file of shapes beside each image."""

import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dlcli.data.boxes import BoxItem, BoxSet, GroundTruth, box_item
from dlcli.data.dataset import Problem
from dlcli.data.files import (
    LARGEST_FILE,
    is_file_name,
    is_unicode,
    no_split,
    pixel,
    read_bytes,
    read_score,
    read_text,
    stays_below,
    text_of_name,
)
from dlcli.data.folders import files_below
from dlcli.data.image_size import size_or_asked
from dlcli.errors import DataError
from dlcli.messages import listed, short_repr

LAYOUT = "labelme"
SPLITS = ("train", "val", "valid", "validation", "test", "trainval")  # names of folders that are splits
NAME_FILES = ("labels.txt", "classes.txt")
NOT_NAMES = {"__ignore__", "_background_"}  # with which LabelMe's lists of labels begin
LOOKED_FOR = "*.json with shapes beside the images, in folders train, val, test or in one tree"
Points = list[tuple[float, float]]

_COCO = re.compile(rb'"annotations"\s*:\s*\[')  # as a key: a class or a flag may have the name too


def read_labelme(place: Path, split: str | None = None, labels: tuple[str, ...] | None = None) -> BoxSet:
    """Read the LabelMe files below a folder, below its folder SPLIT, or one file; split None: all.

    A rectangle is its box; of a polygon, circle or mask the surrounding box is taken. Flags `difficult` and `crowd` of
    a shape set ignore and crowd. labels: the class names to number by; None: those of labels.txt, or else those found
    in the whole folder, in alphabetical order. A file that cannot be understood, and one with a point or a line,
    becomes a Problem. DataError: no such split, or no file.
    """
    contents = labelme_contents(place, split)
    labels = labelme_names(place, contents if split is None else None) if labels is None else labels
    class_ids = {label: index for index, label in enumerate(labels)}
    root = labelme_root(place, split)
    images, problems = [], []
    for path, content in contents.items():
        try:
            images.append(_image(path, root, _checked(content), class_ids))
        except DataError as error:
            problems.append(Problem(path, str(error)))
    return BoxSet(LAYOUT, labels, tuple(images), tuple(problems), source=place)


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
    found = {shape["label"].strip() for shape in shapes if isinstance(shape, dict) and _is_text(shape.get("label"))}
    return tuple(sorted(found))


def shape_points(shape: Mapping[str, Any]) -> Points:
    """A shape's points (x, y). DataError: it has none that are numbers."""
    points = shape.get("points")
    if not isinstance(points, list) or not all(isinstance(point, list) and len(point) == 2 for point in points):
        raise DataError(f"expected points [[x, y], ...], got {short_repr(points)}")
    return [(pixel(x, "points"), pixel(y, "points")) for x, y in points]


def shape_class(shape: Mapping[str, Any], class_ids: Mapping[str, int]) -> int:
    """The class id of a shape. DataError: an unknown class."""
    label = shape.get("label")
    name = text_of_name(label.strip(), "label") if isinstance(label, str) else ""
    if name not in class_ids:
        raise DataError(f"unknown class {short_repr(label)}; known: {listed(class_ids)}")
    return class_ids[name]


def numbered_shapes(content: Mapping[str, Any]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """Each shape with its number from 1. DataError for one that is no object."""
    for number, shape in enumerate(content["shapes"], 1):
        if not isinstance(shape, dict):
            raise DataError(f"shape {number}: expected an object, got {short_repr(shape)}")
        yield number, shape


def labelme_image(path: Path, root: Path, content: Mapping[str, Any]) -> tuple[Path, str, tuple[int, int]]:
    """The image of a file, its name below `root`, and its (width, height), zeros where nothing tells.

    The name is the file's own with the image's ending: an image may lie elsewhere. DataError: no imagePath.
    """
    stated = content.get("imagePath")
    if not isinstance(stated, str) or not stated.strip() or not is_file_name(stated):
        raise DataError(f"expected the image's imagePath, got {short_repr(stated)}")
    image = path.parent / stated
    if not os.path.isfile(image):
        image = path.parent / stated.replace("\\", "/")  # as written on Windows
    own = path.with_suffix(image.suffix)
    sides = (content.get("imageWidth"), content.get("imageHeight"))
    width, height = (0 if side is None else int(pixel(side, "imageWidth, imageHeight")) for side in sides)
    return (
        image,
        own.relative_to(root).as_posix(),
        size_or_asked((width, height) if width and height else (0, 0), image),
    )


def _image(path: Path, root: Path, content: dict[str, Any], class_ids: Mapping[str, int]) -> BoxItem:
    boxes = []
    for number, shape in numbered_shapes(content):
        try:
            boxes.append(_truth(shape, class_ids))
        except DataError as error:
            raise DataError(f"shape {number}: {error}") from None
    image, name, size = labelme_image(path, root, content)
    return box_item(image, path.stem, size, boxes, path, name)


def _truth(shape: Mapping[str, Any], class_ids: Mapping[str, int]) -> GroundTruth:
    class_id, points = shape_class(shape, class_ids), shape_points(shape)
    kind, flags = shape.get("shape_type", "polygon"), shape.get("flags")
    crowd, difficult = (isinstance(flags, dict) and flags.get(name) is True for name in ("crowd", "difficult"))
    xs, ys = zip(*points, strict=True) if points else ((), ())
    if kind == "circle" and len(points) == 2:  # its center, and a point on it
        radius = math.dist(*points)
        box = (xs[0] - radius, ys[0] - radius, xs[0] + radius, ys[0] + radius)
    elif (kind in ("rectangle", "mask") and len(points) == 2) or (kind == "polygon" and len(points) >= 3):
        box = (min(xs), min(ys), max(xs), max(ys))
    else:
        raise DataError(
            f"expected a rectangle, polygon, circle or mask, got {short_repr(kind)} of {len(points)} points"
        )
    outlined = kind != "rectangle"
    return GroundTruth(box, class_id, difficult or crowd, crowd, read_score(shape.get("score")), outlined)


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
