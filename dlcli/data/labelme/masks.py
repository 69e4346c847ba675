"""LabelMe's shapes as class masks; files and images are found as for boxes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.data.coco.masks import polygon_area
from dlcli.data.dataset import Problem
from dlcli.data.labelme.boxes import (
    labelme_contents,
    labelme_image,
    labelme_names,
    labelme_root,
    numbered_shapes,
    shape_class,
    shape_points,
)
from dlcli.data.masks import BACKGROUND, MaskSet, Region, mask_item
from dlcli.errors import DataError
from dlcli.messages import short_repr

LAYOUT = "labelme"


def read_labelme_masks(place: Path, split: str | None = None, labels: tuple[str, ...] | None = None) -> MaskSet:
    """Read polygons and rectangles; shapes of one label and group_id are one object. labels: as for read_coco_masks.

    A file with another kind of shape becomes a Problem. DataError as for read_labelme.
    """
    contents = labelme_contents(place, split)
    if labels is None:
        names = labelme_names(place, contents if split is None else None)
        labels = (BACKGROUND, *(name for name in names if name != BACKGROUND))
    class_ids = {label: index for index, label in enumerate(labels)}
    root = labelme_root(place, split)
    images, problems = [], []
    for path, content in contents.items():
        try:
            if isinstance(content, DataError):
                raise content
            image, name, size = labelme_image(path, root, content)
            images.append(mask_item(image, path.stem, _regions(content, class_ids), None, *size, name))
        except DataError as error:
            problems.append(Problem(path, str(error)))
    return MaskSet(LAYOUT, labels, tuple(images), tuple(problems), place)


def _regions(content: Mapping[str, Any], class_ids: Mapping[str, int]) -> tuple[Region, ...]:
    groups: dict[Any, list[tuple[int, np.ndarray, bool]]] = {}
    for number, shape in numbered_shapes(content):
        try:
            found = shape_class(shape, class_ids), _corners(shape), _is_crowd(shape)
        except DataError as error:
            raise DataError(f"shape {number}: {error}") from None
        group = shape.get("group_id")
        groups.setdefault((found[0], repr(group)) if group is not None else number, []).append(found)
    return tuple(
        Region(
            parts[0][0],
            tuple(points for _, points, _ in parts),
            area=sum(polygon_area(points) for _, points, _ in parts),
            crowd=parts[0][2],
        )
        for parts in groups.values()
    )


def _corners(shape: Mapping[str, Any]) -> np.ndarray:
    """float32 [N, 2] of a polygon or rectangle."""
    points, kind = shape_points(shape), shape.get("shape_type", "polygon")
    if kind == "rectangle" and len(points) == 2:
        (x1, y1), (x2, y2) = points
        points = [(x1, y1), (x2, y1), (x2, y2), (x1, y2)]
    elif kind != "polygon" or len(points) < 3:
        raise DataError(f"expected a polygon or rectangle, got {short_repr(kind)} of {len(points)} points")
    return np.array(points, np.float32)


def _is_crowd(shape: Mapping[str, Any]) -> bool:
    flags = shape.get("flags")
    return isinstance(flags, dict) and flags.get("crowd") is True
