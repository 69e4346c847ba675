"""Images and their objects out of records of `dlcli detect` and `dlcli segment`."""

import os
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from dlcli.data.annotated import AnnotatedItem, AnnotatedObject, annotated_item
from dlcli.data.files import pixel, read_score
from dlcli.data.records.lines import Record
from dlcli.errors import DataError
from dlcli.messages import short_repr
from dlcli.ops.masks import mask_of_counts, text_to_counts

TRUTH = "truth"  # stands for the model in records that were made from a labeled set
Box = tuple[float, float, float, float]


def images_of_records(records: Iterable[Record]) -> Iterator[AnnotatedItem]:
    """Each image that could be used. Its id is the place of its record, from 1; failures have one too.

    Its name is its path below the deepest folder that holds all images of the records. DataError: the record is
    not as `dlcli schema` says.
    """
    records = list(records)
    names = names_below([record["source"] for record in records])
    for number, (name, record) in enumerate(zip(names, records, strict=True), 1):
        if record["ok"]:
            yield image_of_record(record, name, number)


def image_of_record(record: Record, name: str, image_id: int) -> AnnotatedItem:
    """One record. DataError names its image, and what is no detection or class."""
    try:
        width, height = (int(pixel(record.get(side), side)) for side in ("width", "height"))
        entries = record.get("detections", record.get("classes"))
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise DataError(f"expected a list of detections or classes, got {short_repr(entries)}")
        things = tuple(_object(entry, width, height, record.get("model") == TRUTH) for entry in entries)
    except DataError as error:
        raise DataError(f"the record of {record['source']}: {error}") from None
    return annotated_item(name, image_id, width, height, things)


def names_below(paths: list[str]) -> list[str]:
    """The paths as seen from the deepest folder that holds them all; relative, without '..'."""
    whole = [os.path.abspath(path) for path in paths]
    root = os.path.commonpath([os.path.dirname(path) for path in whole]) if whole else "/"
    below = [os.path.relpath(path, root) for path in whole]
    return ["image" if name == "." else name for name in below]  # "/" is what a record may be about, but no file


def _object(entry: dict[str, Any], width: int, height: int, truth: bool) -> AnnotatedObject:
    class_id = entry.get("class_id")
    if type(class_id) is not int or class_id < 0 or not isinstance(entry.get("label"), str):
        raise DataError(f"expected a label and a class_id, got {short_repr(entry)}")
    if "rle" in entry:
        counts = _counts(entry["rle"], width, height)
        return AnnotatedObject(class_id, box_of_mask(mask_of_counts(counts, height, width)), counts=counts)
    box = entry.get("box")
    if not isinstance(box, list) or len(box) != 4:
        raise DataError(f"expected a box [x1, y1, x2, y2], got {short_repr(box)}")
    x1, y1, x2, y2 = (pixel(value, "box") for value in box)
    score = None if truth else read_score(entry.get("score"))
    return AnnotatedObject(class_id, (x1, y1, x2, y2), score)


def box_of_mask(inside: np.ndarray) -> Box:
    """The box around the pixels of bool [H, W], x2/y2 exclusive; zeros where there is none."""
    columns, rows = np.flatnonzero(inside.any(0)), np.flatnonzero(inside.any(1))
    if not len(rows):
        return 0.0, 0.0, 0.0, 0.0
    return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def _counts(rle: Any, width: int, height: int) -> np.ndarray:
    """int64 [R] of {"size": [height, width], "counts": COCO's string}."""
    size, text = (rle.get("size"), rle.get("counts")) if isinstance(rle, dict) else (None, None)
    if size != [height, width] or not isinstance(text, str):
        raise DataError(f"expected an rle of size {[height, width]} with counts, got {short_repr(rle)}")
    try:
        counts = text_to_counts(text)
        mask_of_counts(counts, height, width)
    except ValueError as error:
        raise DataError(f"rle: {error}") from None
    return counts
