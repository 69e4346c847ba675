"""Objects as targets: what writers of annotation formats take, whatever it was read from or found by."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from dlcli.data.carried import Carried
from dlcli.data.dataset import Item
from dlcli.frozen import dataclass
from dlcli.ops.masks import rle_to_string

DIGITS = 6  # decimals of a pixel that are written
Rle = dict[str, object]


@dataclass(frozen=True)
class AnnotatedObject:
    """One object: a box, or an outline with the box around it.

    class_id: index into the labels that go with it. xyxy: pixels of the upright image, x2/y2 exclusive.
    score: in [0, 1], None for a truth. difficult: VOC's mark; crowd: COCO's iscrowd.
    polygons: float [N, 2] each of (x, y) in pixels, 0 the left and upper edge of the first pixel. counts: int64 [R],
    run lengths as in ops/masks.py, in place of polygons. carried: what else the file says of it, for a way back.
    """

    class_id: int
    xyxy: tuple[float, float, float, float]
    score: float | None = None
    difficult: bool = False
    crowd: bool = False
    polygons: tuple[np.ndarray, ...] = ()
    counts: np.ndarray | None = None
    carried: Carried | None = None


Objects = tuple[AnnotatedObject, ...]
AnnotatedItem = Item[Objects]


def annotated_item(
    name: str,
    image_id: int | str,
    width: int,
    height: int,
    objects: Objects = (),
    path: Path | None = None,
    carried: Carried | None = None,
) -> AnnotatedItem:
    """One image and its objects.

    name: its file below the folder of images, as "tree/a.jpg". image_id: COCO's id, or any other that it has.
    path: where it lies; None: at its name.
    """
    return Item(Path(name) if path is None else path, objects, None, image_id, width, height, name, carried)


def number(value: float) -> float:
    """A coordinate as it is written: the shortest number that is the same float32, to DIGITS decimals.

    Whole ones have no point.
    """
    shortest = round(float(str(np.float32(value))), DIGITS)
    return int(shortest) if shortest == int(shortest) else shortest


def xywh(box: Iterable[float]) -> list[float]:
    """(x1, y1, x2, y2) -> COCO's [x, y, width, height]."""
    x1, y1, x2, y2 = (number(value) for value in box)
    sides = (round(x2 - x1, DIGITS), round(y2 - y1, DIGITS))
    return [x1, y1, *(int(side) if side == int(side) else side for side in sides)]


def rle(counts: np.ndarray, width: int, height: int) -> Rle:
    """Run lengths as COCO and dlcli's records have them."""
    return {"size": [height, width], "counts": rle_to_string(counts)}
