"""LabelMe's shapes as class masks; files and images are found as for boxes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.data.coco.masks import polygon_area
from dlcli.data.dataset import Problem
from dlcli.data.labelme.boxes import (
    labelme_contents,
    labelme_image,
    labelme_names,
    labelme_notes,
    labelme_root,
    shared_images,
)
from dlcli.data.labelme.carried import carried_by_file, carried_by_shapes
from dlcli.data.labelme.shapes import (
    Shape,
    has_flag,
    is_background,
    is_void,
    kind_of,
    mask_pixels,
    shape_class,
    shape_groups,
    shape_points,
)
from dlcli.data.masks import BACKGROUND, VOID, MaskSet, Region, mask_item
from dlcli.errors import DataError
from dlcli.messages import short_repr
from dlcli.ops.masks import polygon_mask, rle_counts

LAYOUT = "labelme"


def read_labelme_masks(
    place: Path, split: str | None = None, labels: tuple[str, ...] | None = None, keep: bool = False
) -> MaskSet:
    """Read polygons, rectangles and masks; shapes of one label and group_id are one object, `__ignore__` is VOID.

    labels: as for read_coco_masks. keep: as for read_labelme.
    A file with another kind of shape becomes a Problem. DataError as for read_labelme.
    """
    contents = labelme_contents(place, split)
    if labels is None:
        names = labelme_names(place, contents if split is None else None)
        labels = (BACKGROUND, *(name for name in names if name != BACKGROUND))
    class_ids = {label: index for index, label in enumerate(labels)}
    root = labelme_root(place, split)
    images, problems, files = [], [], []
    for path, content in contents.items():
        try:
            if isinstance(content, DataError):
                raise content
            image, name, size = labelme_image(path, root, content)
            regions = tuple(_regions(content, class_ids, size, keep))
            item = mask_item(image, path.stem, regions, None, *size, name)
            images.append(replace(item, carried=carried_by_file(content)) if keep else item)
            files.append((image, path))
        except DataError as error:
            problems.append(Problem(path, str(error)))
    notes = labelme_notes(place, root, contents, [item.path for item in images])
    shared = shared_images(files)
    kept = tuple(item for item in images if item.path not in shared)
    return MaskSet(LAYOUT, labels, kept, (*problems, *shared.values()), place, notes=notes)


def _regions(
    content: Mapping[str, Any], class_ids: Mapping[str, int], size: tuple[int, int], keep: bool
) -> Iterator[Region]:
    for number, shapes in shape_groups(content):
        try:
            yield _region(shapes, class_ids, size, keep)
        except DataError as error:
            raise DataError(f"shape {number}: {error}") from None


def _region(shapes: Sequence[Shape], class_ids: Mapping[str, int], size: tuple[int, int], keep: bool) -> Region:
    if is_void(shapes[0]):
        class_id = VOID
    else:
        class_id = 0 if is_background(shapes[0]) and BACKGROUND in class_ids else shape_class(shapes[0], class_ids)
    crowd, carried = any(has_flag(s, "crowd") for s in shapes), carried_by_shapes(shapes) if keep else None
    if any(kind_of(shape) == "mask" for shape in shapes):
        width, height = size
        inside = np.logical_or.reduce([_pixels(shape, width, height) for shape in shapes])
        area = float(np.count_nonzero(inside))
        return Region(class_id, counts=rle_counts(inside), area=area, crowd=crowd, carried=carried)
    polygons = tuple(_corners(shape) for shape in shapes)
    return Region(class_id, polygons, area=sum(map(polygon_area, polygons)), crowd=crowd, carried=carried)


def _pixels(shape: Shape, width: int, height: int) -> np.ndarray:
    """bool [height, width]"""
    if kind_of(shape) == "mask":
        return mask_pixels(shape, width, height)
    return polygon_mask([_corners(shape)], height, width)


def _corners(shape: Shape) -> np.ndarray:
    """float32 [N, 2] of a polygon or rectangle."""
    points, kind = shape_points(shape), kind_of(shape)
    if kind == "rectangle" and len(points) == 2:
        (x1, y1), (x2, y2) = points
        points = [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
    elif not (kind == "rectangle" and len(points) == 4) and (kind != "polygon" or len(points) < 3):
        raise DataError(f"expected a polygon, rectangle or mask, got {short_repr(kind)} of {len(points)} points")
    return np.array(points, np.float32)
