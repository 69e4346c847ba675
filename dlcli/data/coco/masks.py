"""COCO's polygons and run lengths as class masks; files, images and categories are read as boxes.py does."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.data.coco.boxes import category_numbers, image_id, refuse_other_size
from dlcli.data.coco.carried import carried_by_image, carried_by_object, carried_by_set
from dlcli.data.coco.content import (
    Entry,
    Key,
    coco_annotations,
    coco_categories,
    coco_class,
    coco_content,
    coco_crowd,
    coco_images,
)
from dlcli.data.coco.files import coco_file, coco_files, image_folders
from dlcli.data.coco.places import ambiguous_images, image_places, unlisted_images, with_sides
from dlcli.data.dataset import Problem
from dlcli.data.files import pixel
from dlcli.data.mask_names import BACKGROUND_NAMES
from dlcli.data.masks import BACKGROUND, MaskSet, Region, mask_item
from dlcli.errors import DataError
from dlcli.messages import short_repr
from dlcli.ops.masks import text_to_counts

LAYOUT = "coco"


def read_coco_masks(
    place: Path, split: str | None = None, labels: tuple[str, ...] | None = None, keep: bool = False
) -> MaskSet:
    """Read a COCO file, or the one of the split in a folder; labels: background, then the categories by their ids.

    An image's mask is drawn from the `segmentation` of its annotations; an `iscrowd` region is of its class like any
    other. labels: the class names to number by; None: the file's own. keep: as for read_coco. An image with an
    annotation that cannot be understood becomes a Problem. DataError as for read_coco.
    """
    path = coco_file(place, split)
    content = coco_content(path)
    categories = coco_categories(path, content)
    names = {key: BACKGROUND if is_background(name) else name for key, name in categories.names.items()}
    labels = (BACKGROUND, *(name for name in names.values() if name != BACKGROUND)) if labels is None else labels
    problems: list[Problem] = []
    entries = dict(coco_images(path, content["images"], problems))
    if not entries:
        raise DataError(f"{path}: expected images in 'images', found none that can be read")
    class_ids = {label: index for index, label in enumerate(labels)}
    places = image_places(entries, image_folders(place, path, split))
    entries = with_sides(entries, places)
    regions = coco_annotations(
        path,
        content["annotations"],
        entries,
        lambda entry, image: _region(entry, image, names, class_ids, keep),
        problems,
    )
    doubtful = ambiguous_images(path, content["images"], places)
    images = []
    for key, found in regions.items():
        if key in doubtful:
            continue
        image, name = places[key]
        sides = entries[key]["width"], entries[key]["height"]
        item = mask_item(image, image_id(entries[key]), tuple(found), None, *sides, name)
        images.append(replace(item, carried=carried_by_image(entries[key])) if keep else item)
    return MaskSet(
        *(LAYOUT, labels, tuple(images), (*problems, *dict.fromkeys(doubtful.values())), place),
        category_ids=category_numbers(names, labels),
        notes=(*categories.notes, *unlisted_images(place, path, places, len(coco_files(place)) == 1)),
        carried=carried_by_set(content, categories.names) if keep else None,
    )


def is_background(name: str) -> bool:
    return name.casefold() in BACKGROUND_NAMES


def _region(entry: Entry, image: Entry, names: Mapping[Key, str], class_ids: Mapping[str, int], keep: bool) -> Region:
    class_id, crowd = coco_class(entry, names, class_ids), coco_crowd(entry)
    carried = carried_by_object(entry) if keep else None
    shape = entry.get("segmentation")
    if isinstance(shape, dict):
        refuse_other_size(shape, image)
        counts = _counts(shape)
        return Region(class_id, counts=counts, area=float(counts[1::2].sum()), crowd=crowd, carried=carried)
    if not isinstance(shape, list) or not shape:
        raise DataError(f"expected a segmentation of polygons or run lengths, got {short_repr(shape)}")
    flat = not any(isinstance(item, list) for item in shape)  # one polygon without its list, as VIA writes it
    polygons = tuple(_polygon(item) for item in ([shape] if flat else shape))
    area = sum(polygon_area(points) for points in polygons)
    return Region(class_id, polygons, area=area, crowd=crowd, carried=carried)


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
