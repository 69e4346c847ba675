"""Boxes as targets: what every reader of box annotations gives for an image, and what can be wrong with it."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from dlcli.data.carried import Carried
from dlcli.data.dataset import Dataset, Item
from dlcli.frozen import dataclass
from dlcli.messages import plural

OF_PLACES = {"bbox", "area", "segmentation", "bndbox", "row", "shapes"}  # of what is carried, in any format
ROUNDING = 1.0  # pixels that a box may overshoot the image by; annotation tools round either way


@dataclass(frozen=True)
class BoxTarget:
    """The boxes of one image.

    xyxy: float32 [N, 4] in pixels of the upright image, x2/y2 exclusive.
    class_ids: int64 [N], indices into the set's labels.
    ignore: bool [N]; VOC's `difficult` and COCO's `iscrowd`: neither found nor missed counts.
    crowd: bool [N]; COCO's `iscrowd` alone (overlap is measured by the found box's own area).
    scores: float32 [N], NaN for a truth; None where no box has one.
    outlines: how many boxes stand for a polygon.
    carried: [N] what else the file says of each; () where no conversion asked for it.
    """

    xyxy: np.ndarray
    class_ids: np.ndarray
    ignore: np.ndarray
    crowd: np.ndarray
    scores: np.ndarray | None = None
    outlines: int = 0
    carried: tuple[Carried | None, ...] = ()

    def __post_init__(self) -> None:
        count = len(self.xyxy)
        _check("xyxy", self.xyxy, (count, 4), "float32")
        _check("class_ids", self.class_ids, (count,), "int64")
        _check("ignore", self.ignore, (count,), "bool")
        _check("crowd", self.crowd, (count,), "bool")


BoxItem = Item[BoxTarget]
BoxSet = Dataset[BoxTarget]


@dataclass(frozen=True)
class GroundTruth:
    """One box as a reader finds it. xyxy: pixels, x2/y2 exclusive. outlined: it stands for a polygon or a mask."""

    xyxy: tuple[float, float, float, float]
    class_id: int
    ignore: bool = False
    crowd: bool = False
    score: float | None = None
    outlined: bool = False
    carried: Carried | None = None


def box_item(
    path: Path,
    image_id: int | str,
    size: tuple[int, int],
    boxes: Sequence[GroundTruth],
    annotation: Path | None = None,
    name: str = "",
) -> BoxItem:
    """Align the boxes of one image in arrays. size: (width, height), zeros where unknown. name: "" is the path's.

    A box up to ROUNDING pixels outside the image is clipped to it; one further out stays as it is, for
    check_dataset to find. Zero boxes give arrays of length 0.
    """
    xyxy = np.array([box.xyxy for box in boxes], dtype=np.float32).reshape(-1, 4)  # [N, 4]
    target = BoxTarget(
        xyxy=_clipped(xyxy, size) if all(size) else xyxy,
        class_ids=np.array([box.class_id for box in boxes], dtype=np.int64),
        ignore=np.array([box.ignore for box in boxes], dtype=bool),
        crowd=np.array([box.crowd for box in boxes], dtype=bool),
        scores=_scores(boxes),
        outlines=sum(box.outlined for box in boxes),
        carried=tuple(box.carried for box in boxes) if any(box.carried for box in boxes) else (),
    )
    return Item(path, target, annotation, image_id, *size, name or path.name)


def clipped(data: BoxSet) -> BoxSet:
    """The set with every box cut off at the edges of its image, and a note of how many were and how far they reached.

    A box without a pixel in its image stays as it is, for check_dataset to find. What a clipped box carries of its
    place is let go.
    """
    items, count, farthest = [], 0, 0.0
    for item in data.items:
        target, limits = item.target, np.array([item.width, item.height] * 2, np.float32)
        inside = np.clip(target.xyxy, 0, limits)
        moved = np.abs(target.xyxy - inside).max(1, initial=0.0)  # [N]
        change = (moved > 0) & ((inside[:, 2:] - inside[:, :2]) > 0).all(1) & bool(limits.all())
        if change.any():
            count, farthest = count + int(change.sum()), max(farthest, float(moved[change].max()))
            carried = tuple(
                _without_place(one) if moved_now else one
                for one, moved_now in zip(target.carried, change, strict=False)
            )
            target = replace(target, xyxy=np.where(change[:, None], inside, target.xyxy), carried=carried)
            item = replace(item, target=target)
        items.append(item)
    if not count:
        return data
    note = f"{data.source}: {plural(count, 'box', 'boxes')} clipped to the image, by up to {farthest:g} pixels"
    return replace(data, items=tuple(items), notes=(*data.notes, note))


def _without_place(carried: Carried | None) -> Carried | None:
    """What is carried less where the box is: its own numbers, its outline, its area."""
    if carried is None:
        return None
    return replace(carried, values={key: v for key, v in carried.values.items() if key not in OF_PLACES})


def box_problem(item: BoxItem, labels: tuple[str, ...]) -> str:
    """The first box that is wrong, and how many more are; "" where none is."""
    boxes = item.target
    x1, y1, x2, y2 = boxes.xyxy.T
    unknown = (boxes.class_ids < 0) | (boxes.class_ids >= len(labels))
    empty = ~((x2 > x1) & (y2 > y1))
    outside = (x1 < 0) | (y1 < 0) | (x2 > item.width) | (y2 > item.height)
    parts = (x2 <= 1) & (y2 <= 1) & ((x2 - x1 < 1) | (y2 - y1 < 1))
    wrong = np.flatnonzero(unknown | empty | outside | parts)
    if not len(wrong):
        return ""
    first = wrong[0]
    box = ", ".join(f"{value:g}" for value in boxes.xyxy[first])
    name = f"class {boxes.class_ids[first]}" if unknown[first] else labels[boxes.class_ids[first]]
    reasons = (
        (unknown, f"unknown class, expected 0 to {len(labels) - 1}"),
        (empty, "empty or inverted"),
        (outside, f"outside the image of {item.width}x{item.height} (--clip-boxes cuts such boxes off)"),
        (parts, "within the first pixel; its numbers look like parts of the image, and pixels are expected"),
    )
    reason = next(text for flags, text in reasons if flags[first])
    more = f", and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    return f"box {first + 1} ({name}; {box}): {reason}{more}{where(item)}"


def where(item: BoxItem) -> str:
    """The file that the boxes came from, for the end of a message."""
    return f" (in {item.annotation})" if item.annotation else ""


def _scores(boxes: Sequence[GroundTruth]) -> np.ndarray | None:
    """float32 [N]; None where no box has a score, as in every set of truths."""
    if all(box.score is None for box in boxes):
        return None
    return np.array([np.nan if box.score is None else box.score for box in boxes], dtype=np.float32)


def _clipped(xyxy: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Clip the coordinates [N, 4] that lie at most ROUNDING pixels outside; others are returned as they are."""
    limits = np.array([*size, *size], dtype=np.float32)
    inside = np.clip(xyxy, 0, limits)
    return np.where(np.abs(xyxy - inside) <= ROUNDING, inside, xyxy)  # [N, 4]


def _check(name: str, array: np.ndarray, shape: tuple[int, ...], dtype: str) -> None:
    if array.shape != shape or array.dtype != dtype:
        raise ValueError(f"{name}: expected {dtype} {list(shape)}, got {array.dtype} {list(array.shape)}")
