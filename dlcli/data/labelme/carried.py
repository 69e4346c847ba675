"""What a LabelMe file says beyond boxes and outlines, kept for a conversion to LabelMe."""

from collections.abc import Mapping, Sequence
from typing import Any

from dlcli.data.carried import Carried
from dlcli.data.labelme.shapes import Shape, is_background, is_void

LAYOUT = "labelme"
SHAPES = "shapes"  # of an object: its shapes as they stand
HEAD = "head"  # of an image: what stands beside the shapes
NO_OBJECTS = "void"  # of an image: shapes that are no objects
OF_IMAGES = {"shapes", "imagePath", "imageHeight", "imageWidth"}


def carried_by_shapes(shapes: Sequence[Shape]) -> Carried:
    return Carried(LAYOUT, {SHAPES: [dict(shape) for shape in shapes]})


def carried_by_file(content: Mapping[str, Any]) -> Carried:
    head = {key: value for key, value in content.items() if key not in OF_IMAGES}
    void = [shape for shape in content["shapes"] if is_void(shape) or is_background(shape)]
    return Carried(LAYOUT, {HEAD: head, NO_OBJECTS: void})
