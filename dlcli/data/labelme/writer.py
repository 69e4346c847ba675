"""LabelMe's JSON file of an image, written; the inverse of labelme.py."""

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcli.data.annotated import AnnotatedItem, AnnotatedObject, number
from dlcli.data.carried import values_for
from dlcli.data.labelme.carried import HEAD, LAYOUT, NO_OBJECTS, SHAPES

VERSION = "5.5.0"  # of LabelMe, whose form this is
PLAIN: dict[str, Any] = {"group_id": None, "description": "", "flags": {}}  # what each shape has


def labelme_json(image: AnnotatedItem, labels: Sequence[str], image_path: str) -> str:
    """The image's objects: rectangles, or polygons where an object has them.

    image_path: the image as seen from the folder of the file. Polygons of one object share a group_id. `difficult`
    and `crowd` are flags of the shape; a score stands in `score`, which LabelMe keeps and does not look at. What a file
    of LabelMe says besides goes back where the image and its objects carry it.
    """
    more = values_for(LAYOUT, image.carried)
    shapes = [shape for i, thing in enumerate(image.target) for shape in _shapes(thing, labels[thing.class_id], i)]
    head: dict[str, Any] = {
        "version": VERSION,
        "flags": {},
        "shapes": [*shapes, *more.get(NO_OBJECTS, ())],
        "imagePath": image_path,
        "imageData": None,
    }
    content = head | more.get(HEAD, {}) | {"imageHeight": image.height, "imageWidth": image.width}
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _shapes(thing: AnnotatedObject, label: str, group: int) -> list[dict[str, Any]]:
    if own := values_for(LAYOUT, thing.carried).get(SHAPES):
        return [shape | {"label": label} for shape in own]
    flags = {name: True for name in ("difficult", "crowd") if getattr(thing, name)}
    score = {} if thing.score is None else {"score": round(thing.score, 4)}
    together = {"group_id": group} if len(thing.polygons) > 1 else {}
    x1, y1, x2, y2 = thing.xyxy
    outlines = thing.polygons or (np.array([[x1, y1], [x2, y2]]),)
    kind = "polygon" if thing.polygons else "rectangle"
    return [
        {"label": label, "points": _points(points), **PLAIN, **together, "shape_type": kind, "flags": flags, **score}
        for points in outlines
    ]


def _points(points: np.ndarray) -> list[list[float]]:
    return [[number(x), number(y)] for x, y in points]
