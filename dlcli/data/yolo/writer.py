"""YOLO's text files, written: labels of an image, class names, data.yaml. The inverse of yolo.py and yolo_files.py."""

import json
from collections.abc import Mapping, Sequence

import numpy as np

from dlcli.data.annotated import AnnotatedItem, AnnotatedObject
from dlcli.errors import DataError

PARTS = 10  # decimals of a part of the image: 0.000001 pixels of 10,000, so that whole pixels come back whole


def yolo_boxes(image: AnnotatedItem) -> str:
    """A line `class cx cy width height` an object, in parts of the image, and the score where it has one.

    "" for an image without objects: its empty file says that somebody looked.
    """
    return "".join(f"{thing.class_id} {_box(thing, image)}\n" for thing in image.target)


def yolo_outlines(image: AnnotatedItem, outlines: Sequence[np.ndarray]) -> str:
    """A line `class x1 y1 x2 y2 ...` an object: outlines, float [N, 2] in pixels, one for each of its objects."""
    size = np.array([image.width, image.height], np.float64)
    lines = [
        f"{thing.class_id} {' '.join(_part(value) for value in (points / size).ravel())}\n"
        for thing, points in zip(image.target, outlines, strict=True)
    ]
    return "".join(lines)


def yolo_classes(labels: Sequence[str]) -> str:
    """classes.txt: a name a line, in the order of the class numbers. DataError: a name of several lines, or of none."""
    for label in labels:
        if label.splitlines() != [label] or label != label.strip():
            raise DataError(f"classes.txt: expected names of one line, without spaces around them, got {label!r}")
    return "".join(f"{label}\n" for label in labels)


def yolo_data(labels: Sequence[str], splits: Mapping[str, str]) -> str:
    """data.yaml: class names by number, and the folder of images of each split."""
    places = [f"{name}: {_quoted(folder)}\n" for name, folder in splits.items()]
    names = [f"  {number}: {_quoted(label)}\n" for number, label in enumerate(labels)]
    return "".join([*places, "names:\n", *names])


def _box(thing: AnnotatedObject, image: AnnotatedItem) -> str:
    x1, y1, x2, y2 = thing.xyxy
    parts = (
        *((x1 + x2) / 2 / image.width, (y1 + y2) / 2 / image.height),
        *((x2 - x1) / image.width, (y2 - y1) / image.height),
    )
    score = [] if thing.score is None else [f"{thing.score:.4f}"]
    return " ".join([*(_part(value) for value in parts), *score])


def _part(value: float) -> str:
    """0.5 rather than 0.50000000."""
    return f"{value:.{PARTS}f}".rstrip("0").rstrip(".")


def _quoted(text: str) -> str:
    """Text in double quotes, whose escapes JSON and YAML share; what YAML takes for a line's end is escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() or ord(c) > 0xFFFF else f"\\u{ord(c):04x}" for c in quoted)
