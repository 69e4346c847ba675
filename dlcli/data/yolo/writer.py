"""YOLO's text files, written: labels of an image, class names, data.yaml. The inverse of yolo.py and yolo_files.py."""

import json
from collections.abc import Mapping, Sequence

import numpy as np

from dlcli.data.annotated import AnnotatedItem, AnnotatedObject
from dlcli.data.carried import Carried, values_for
from dlcli.errors import DataError

LAYOUT = "yolo"
PARTS = 10  # decimals of a part of the image: 0.000001 pixels of 10,000, so that whole pixels come back whole


def yolo_boxes(image: AnnotatedItem) -> str:
    """A line `class cx cy width height` an object, in parts of the image, and the score where it has one.

    "" for an image without objects: its empty file says that somebody looked.
    """
    rows = [values_for(LAYOUT, thing.carried).get("row") or _box(thing, image) for thing in image.target]
    return "".join(f"{thing.class_id} {row}\n" for thing, row in zip(image.target, rows, strict=True))


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


def yolo_data(labels: Sequence[str], splits: Mapping[str, str], carried: Carried | None = None) -> str:
    """data.yaml: class names by number, and the folder of images of each split. carried: other keys, as kpt_shape."""
    places = [f"{name}: {_quoted(folder)}\n" for name, folder in splits.items()]
    names = [f"  {number}: {_quoted(label)}\n" for number, label in enumerate(labels)]
    more = [f"{key}: {_value(value)}\n" for key, value in values_for(LAYOUT, carried).items() if value is not None]
    return "".join([*places, *more, "names:\n", *names])


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


def _value(value: object) -> str:
    """A flat list or mapping, or a word, as data_yaml.read_keys gives them; whole numbers stand as such."""
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_value(key)}: {_value(word)}" for key, word in value.items()) + "}"
    text = str(value)
    return text if text.isdecimal() else _quoted(text)


def _quoted(text: str) -> str:
    """Text in double quotes, whose escapes JSON and YAML share; what YAML takes for a line's end is escaped."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if c.isprintable() or ord(c) > 0xFFFF else f"\\u{ord(c):04x}" for c in quoted)
