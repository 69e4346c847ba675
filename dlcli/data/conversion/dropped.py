"""What a format has no place for, counted and named before anything is written."""

from collections.abc import Iterator

import numpy as np

from dlcli.data.conversion.annotated_set import AnnotatedSet, drawn, inside_of
from dlcli.data.conversion.dropped_fields import dropped_fields
from dlcli.data.conversion.polygons import is_on_pixels
from dlcli.data.masks import VOID
from dlcli.data.voc.writer import whole_pixels

NEAR = 0.01  # pixels that a box may move by without being another

DIFFICULT = ("coco", "voc", "labelme")  # formats with a place for it
CROWD = ("coco", "labelme")
OBJECTS = ("coco", "yolo", "labelme")  # that tell objects of one class apart


def dropped(found: AnnotatedSet, format: str) -> list[str]:
    """A line for each kind of thing that would be lost, such as "boxes that lose their mark `difficult`: 31"."""
    kinds = _of_outlines(found, format) if found.outlined else _of_boxes(found, format)
    return [f"{what}: {count:,}" for count, what in (*kinds, *dropped_fields(found, format)) if count]


def _of_boxes(found: AnnotatedSet, format: str) -> Iterator[tuple[int, str]]:
    things = [thing for image in found.items for thing in image.target]
    if format not in DIFFICULT:
        yield sum(thing.difficult for thing in things), "boxes that lose their mark `difficult`"
    if format not in CROWD:
        yield sum(thing.crowd for thing in things), "boxes that lose their mark `iscrowd`"
    same = found.format == format  # whose files carry outlines and parts of pixels as they stand
    if format == "voc" and not same:
        moved = [max(abs(np.subtract(thing.xyxy, whole_pixels(thing.xyxy)))) for thing in things]
        most = max(moved, default=0)
        yield sum(shift > NEAR for shift in moved), f"boxes that move to whole pixels, by up to {most:.2f}"
    yield 0 if same else found.outlines, "outlines of which only the box is kept (--masks converts outlines)"
    scored = [any(thing.score is not None for thing in image.target) for image in found.items]
    if format == "jsonl":
        bare = [
            thing
            for image, is_scored in zip(found.items, scored, strict=True)
            for thing in image.target
            if is_scored and thing.score is None
        ]
        yield len(bare), "boxes without a score, among others that have one, that get the score 1"


def _of_outlines(found: AnnotatedSet, format: str) -> Iterator[tuple[int, str]]:
    things = [thing for image in found.items for thing in image.target]
    if format != "masks":
        yield sum(thing.class_id == VOID for thing in things), "images that lose the pixels that do not count (255)"
    if format not in CROWD:
        yield sum(thing.crowd for thing in things), "objects that lose their mark `iscrowd`"
    if format in OBJECTS:
        return
    classes = sum(len({thing.class_id for thing in image.target}) for image in found.items)
    yield len(things) - classes, "objects that join others of their class"
    yield sum(not is_on_pixels(thing) for thing in things), "objects whose outlines move to whole pixels"
    yield sum(_hidden(found)), "pixels lost where objects of different classes overlap"


def _hidden(found: AnnotatedSet) -> Iterator[int]:
    """For each image, pixels of a class that another class covers."""
    for image in found.items:
        if len({thing.class_id for thing in image.target}) < 2:
            continue
        shown = drawn(image, found.background)
        for class_id in sorted({thing.class_id for thing in image.target}):
            parts = [inside_of(t, image.height, image.width) for t in image.target if t.class_id == class_id]
            yield int(np.count_nonzero(np.logical_or.reduce(parts) & (shown != class_id)))
