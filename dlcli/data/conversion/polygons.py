"""Outlines of objects in the form that a format can hold."""

from dataclasses import replace

import numpy as np

from dlcli.data.annotated import AnnotatedItem, AnnotatedObject
from dlcli.data.conversion.annotated_set import inside_of
from dlcli.data.masks import VOID
from dlcli.data.polygons import as_one, mask_outlines
from dlcli.ops.masks import polygon_mask

NEAR = 0.01  # pixels


def with_polygons(image: AnnotatedItem) -> AnnotatedItem:
    """Run lengths as polygons along the edges of pixels, VOID left out."""
    kept = [thing for thing in image.target if thing.class_id != VOID]
    things = tuple(
        thing if thing.counts is None else replace(thing, polygons=_traced(thing, image), counts=None) for thing in kept
    )
    return replace(image, target=things)


def one_polygon(thing: AnnotatedObject, image: AnnotatedItem) -> np.ndarray:
    """float [N, 2]: the object in one ring. Its parts are joined by lines of no width, as YOLO's tools do it too.

    Polygons that overlap are drawn first, since a ring that covers itself has a hole there.
    """
    if thing.counts is None and len(thing.polygons) == 1:
        return thing.polygons[0]
    if thing.counts is None and not _overlap(thing, image):
        return as_one(thing.polygons)
    traced = _traced(thing, image)
    return as_one(traced) if traced else np.zeros((3, 2))


def is_on_pixels(thing: AnnotatedObject) -> bool:
    """Whether every outline runs along the edges of pixels, so that drawing it loses nothing.

    A line between parts, which is gone both ways, is no edge.
    """
    return all(_along_pixels(points) for points in thing.polygons)


def _along_pixels(points: np.ndarray) -> bool:
    corners = np.rint(points)
    if (np.abs(points - corners) > NEAR).any():
        return False
    ways = np.concatenate([corners, np.roll(corners, -1, axis=0)], 1)  # [N, 4], from and to
    slanting = ways[(ways[:, :2] != ways[:, 2:]).all(1)]
    return set(map(tuple, slanting.tolist())) == set(map(tuple, slanting[:, [2, 3, 0, 1]].tolist()))


def _traced(thing: AnnotatedObject, image: AnnotatedItem) -> tuple[np.ndarray, ...]:
    return tuple(mask_outlines(inside_of(thing, image.height, image.width)))


def _overlap(thing: AnnotatedObject, image: AnnotatedItem) -> bool:
    size = image.height, image.width
    parts = sum(int(np.count_nonzero(polygon_mask([points], *size))) for points in thing.polygons)
    return parts > int(np.count_nonzero(polygon_mask(thing.polygons, *size)))
