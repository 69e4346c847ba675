"""What `segment --save` writes for other tools: polygons of each piece of a class. Loaded when that is asked for."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import numpy as np

from dlcli.data.annotated import AnnotatedItem, AnnotatedObject, annotated_item
from dlcli.data.labelme.writer import labelme_json
from dlcli.data.polygons import mask_outlines
from dlcli.data.yolo.writer import yolo_outlines
from dlcli.tasks.contract import Output
from dlcli.tasks.outputs import annotation_name


def of_mask(
    mask: np.ndarray,
    class_ids: list[int],
    place: PurePosixPath,
    labels: tuple[str, ...],
    numbers: Mapping[int, int],
    saves: tuple[str, ...],
) -> Iterator[Output]:
    """The files of one image. mask: uint8 [H, W]. class_ids: what is in it. numbers: YOLO's class numbers, by id."""
    pieces = [(class_id, points) for class_id in class_ids for points in mask_outlines(mask == class_id)]

    def item(things: list[AnnotatedObject]) -> AnnotatedItem:
        height, width = mask.shape
        return annotated_item(place.as_posix(), place.as_posix(), width, height, tuple(things))

    if "yolo" in saves:
        found = item([AnnotatedObject(numbers[class_id], _around(points)) for class_id, points in pieces])
        yield annotation_name("yolo", place), yolo_outlines(found, [points for _, points in pieces]).encode()
    if "labelme" in saves:
        found = item([AnnotatedObject(class_id, _around(points), polygons=(points,)) for class_id, points in pieces])
        yield annotation_name("labelme", place), labelme_json(found, labels, place.name).encode()


def _around(points: np.ndarray) -> tuple[float, float, float, float]:
    (x1, y1), (x2, y2) = points.min(0), points.max(0)
    return float(x1), float(y1), float(x2), float(y2)
