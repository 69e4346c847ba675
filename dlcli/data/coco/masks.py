"""COCO's polygons and run lengths as class masks; files, images and categories are read as coco.py does."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.data.coco.boxes import coco_annotations, coco_class, coco_content, coco_image, coco_images, coco_names
from dlcli.data.coco.files import coco_file, image_folders
from dlcli.data.dataset import Problem
from dlcli.data.files import pixel
from dlcli.data.masks import BACKGROUND, MaskSet, Region, mask_item
from dlcli.errors import DataError
from dlcli.messages import short_repr
from dlcli.ops.masks import text_to_counts

LAYOUT = "coco"


def read_coco_masks(place: Path, split: str | None = None, labels: tuple[str, ...] | None = None) -> MaskSet:
    """Read a COCO file, or the one of the split in a folder; labels: background, then the categories by their ids.

    An image's mask is drawn from the `segmentation` of its annotations; an `iscrowd` region is of its class like any
    other. labels: the class names to number by; None: the file's own. An image with an annotation that cannot be
    understood becomes a Problem. DataError as for read_coco.
    """
    path = coco_file(place, split)
    content = coco_content(path)
    names = coco_names(path, content)
    labels = (BACKGROUND, *(name for name in names.values() if name != BACKGROUND)) if labels is None else labels
    problems: list[Problem] = []
    entries = dict(coco_images(path, content["images"], problems))
    if not entries:
        raise DataError(f"{path}: expected images in 'images', found none that can be read")
    class_ids = {label: index for index, label in enumerate(labels)}
    regions = coco_annotations(
        path, content["annotations"], entries, lambda entry: _region(entry, names, class_ids), problems
    )
    folders = image_folders(place, path, split)
    images = []
    for image_id, found in regions.items():
        image, (width, height) = coco_image(entries[image_id], folders)
        name = entries[image_id]["file_name"]
        images.append(mask_item(image, image_id, tuple(found), None, width, height, name))
    categories = {name: category for category, name in names.items() if name in class_ids}
    return MaskSet(LAYOUT, labels, tuple(images), tuple(problems), place, category_ids=categories)


def _region(entry: Mapping[str, Any], names: Mapping[int, str], class_ids: Mapping[str, int]) -> Region:
    class_id = coco_class(entry, names, class_ids)
    shape = entry.get("segmentation")
    if isinstance(shape, dict):
        counts = _counts(shape)
        return Region(class_id, counts=counts, area=float(counts[1::2].sum()), crowd=entry.get("iscrowd") == 1)
    if not isinstance(shape, list) or not shape:
        raise DataError(f"expected a segmentation of polygons or run lengths, got {short_repr(shape)}")
    polygons = tuple(_polygon(item) for item in shape)
    area = sum(polygon_area(points) for points in polygons)
    return Region(class_id, polygons, area=area, crowd=entry.get("iscrowd") == 1)


def _polygon(item: Any) -> np.ndarray:
    """[x1, y1, x2, y2, ...] -> float32 [N, 2]."""
    if not isinstance(item, list) or len(item) < 6 or len(item) % 2:
        raise DataError(f"expected a polygon [x1, y1, x2, y2, ...] of at least 3 corners, got {short_repr(item)}")
    numbers = [pixel(value, f"polygon[{place}]") for place, value in enumerate(item)]
    return np.array(numbers, np.float32).reshape(-1, 2)


def _counts(shape: Mapping[str, Any]) -> np.ndarray:
    """int64 [R] of {"size": [height, width], "counts": a list or COCO's string}."""
    counts, size = shape.get("counts"), shape.get("size")
    try:
        if isinstance(counts, str):
            runs = text_to_counts(counts)
        else:
            runs = np.array([pixel(v, "counts") for v in counts], np.int64)  # type: ignore[union-attr]
        height, width = (int(pixel(v, "size")) for v in size)  # type: ignore[union-attr]
    except (TypeError, ValueError) as error:
        raise DataError(f"expected run lengths with size and counts, got {short_repr(shape)} ({error})") from None
    if (runs < 0).any() or runs.sum() != height * width:
        raise DataError(f"run lengths of {runs.sum()} pixels, expected {height}x{width}")
    return runs


def polygon_area(points: np.ndarray) -> float:
    """Of a polygon float32 [N, 2], by the shoelace formula."""
    x, y = points.astype(np.float64).T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)
