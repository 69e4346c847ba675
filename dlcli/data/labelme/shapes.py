"""LabelMe's shapes: their points, labels and groups, and the masks that its AI tools draw."""

import base64
import binascii
import io
import math
from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import numpy as np
from PIL import Image

from dlcli.data.files import pixel, text_of_name
from dlcli.data.mask_names import BACKGROUND_NAMES
from dlcli.errors import DataError
from dlcli.messages import listed, short_repr

IGNORE = "__ignore__"  # LabelMe's own label of what does not count
Points = list[tuple[float, float]]
Shape = Mapping[str, Any]
Box = tuple[float, float, float, float]
LARGEST_MASK = 100_000_000  # pixels


def numbered_shapes(content: Mapping[str, Any]) -> Iterator[tuple[int, Shape]]:
    """Each shape with its number from 1. DataError for one that is no object."""
    for number, shape in enumerate(content["shapes"], 1):
        if not isinstance(shape, dict):
            raise DataError(f"shape {number}: expected an object, got {short_repr(shape)}")
        yield number, shape


def shape_groups(content: Mapping[str, Any]) -> Iterator[tuple[int, list[Shape]]]:
    """Shapes of one object: those of one label and group_id, by the number of the first; others stand alone."""
    groups: dict[Hashable, tuple[int, list[Shape]]] = {}
    for number, shape in numbered_shapes(content):
        group = shape.get("group_id")
        key: Hashable = number if group is None else (shape_label(shape), repr(group))
        groups.setdefault(key, (number, []))[1].append(shape)
    yield from groups.values()


def shape_label(shape: Shape) -> str:
    """ "" where there is none. DataError: UTF-8 cannot hold it."""
    label = shape.get("label")
    return text_of_name(label.strip(), "label") if isinstance(label, str) else ""


def is_void(shape: Shape) -> bool:
    """Whether the shape says that something does not count."""
    return shape_label(shape) == IGNORE


def is_background(shape: Shape) -> bool:
    return shape_label(shape).casefold() in BACKGROUND_NAMES


def shape_class(shape: Shape, class_ids: Mapping[str, int]) -> int:
    """The class id of a shape. DataError: an unknown class."""
    name = shape_label(shape)
    if name not in class_ids:
        raise DataError(f"unknown class {short_repr(shape.get('label'))}; known: {listed(class_ids)}")
    return class_ids[name]


def shape_points(shape: Shape) -> Points:
    """A shape's points (x, y). DataError: it has none that are numbers."""
    points = shape.get("points")
    if not isinstance(points, list) or not all(isinstance(point, list) and len(point) == 2 for point in points):
        raise DataError(f"expected points [[x, y], ...], got {short_repr(points)}")
    return [(pixel(x, "points"), pixel(y, "points")) for x, y in points]


def shape_box(shape: Shape) -> Box:
    """The box around a rectangle, polygon, circle or mask. DataError: it is something else, such as a line."""
    points, kind = shape_points(shape), kind_of(shape)
    xs, ys = zip(*points, strict=True) if points else ((), ())
    if kind == "circle" and len(points) == 2:  # its center, and a point on it
        radius = math.dist(*points)
        return xs[0] - radius, ys[0] - radius, xs[0] + radius, ys[0] + radius
    if kind == "mask" and len(points) == 2:
        left, top, inside = mask_at(shape)
        return left, top, left + inside.shape[1], top + inside.shape[0]
    corners = (2, 4) if kind == "rectangle" else ()
    if len(points) in corners or (kind == "polygon" and len(points) >= 3):
        return min(xs), min(ys), max(xs), max(ys)
    raise DataError(f"expected a rectangle, polygon, circle or mask, got {short_repr(kind)} of {len(points)} points")


def kind_of(shape: Shape) -> object:
    return shape.get("shape_type", "polygon")


def is_outline(shape: Shape) -> bool:
    """Whether the shape says more than the box around it."""
    points = shape_points(shape)
    upright = len({x for x, _ in points}) == 2 and len({y for _, y in points}) == 2
    return kind_of(shape) != "rectangle" or (len(points) == 4 and not upright)


def has_flag(shape: Shape, name: str) -> bool:
    flags = shape.get("flags")
    return isinstance(flags, dict) and flags.get(name) is True


def mask_pixels(shape: Shape, width: int, height: int) -> np.ndarray:
    """bool [height, width] of a shape that is a mask. DataError: as for `mask_at`, or it reaches out of the image."""
    left, top, inside = mask_at(shape)
    if left < 0 or top < 0 or left + inside.shape[1] > width or top + inside.shape[0] > height:
        raise DataError(f"mask: it reaches out of the image of {width}x{height}")
    whole = np.zeros((height, width), bool)
    whole[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
    return whole


def mask_at(shape: Shape) -> tuple[int, int, np.ndarray]:
    """(left, top, bool [h, w]) of a PNG in base64, its first pixel at the first point.

    The second point is its last pixel, or as some versions write it the one behind that. DataError: it is no PNG, or
    not as large as its points say.
    """
    (x1, y1), (x2, y2) = shape_points(shape)
    inside = _decoded_mask(shape)
    left, top = round(x1), round(y1)
    stated, there = (round(x2) - left + 1, round(y2) - top + 1), (inside.shape[1], inside.shape[0])
    if there not in (stated, (stated[0] - 1, stated[1] - 1)):
        raise DataError(f"mask: it has {there[0]}x{there[1]} pixels, its points say {stated[0]}x{stated[1]}")
    return left, top, inside


def _decoded_mask(shape: Shape) -> np.ndarray:
    text = shape.get("mask")
    try:
        data = base64.b64decode(text if isinstance(text, str) else "", validate=True)
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > LARGEST_MASK:
                raise DataError(f"mask: expected at most {LARGEST_MASK:,} pixels, got {image.width}x{image.height}")
            return np.asarray(image.convert("L")) > 0
    except (binascii.Error, OSError, ValueError, SyntaxError) as error:
        raise DataError(f"mask: expected a PNG in base64 ({error})") from None
