"""Which anchor learns which true box: by thresholds of IoU (Faster R-CNN, SSD), or adaptively (ATSS)."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from dlcli.ops.anchors import AnchorGrid
from dlcli.ops.boxes import Floats, box_iou

Ints = NDArray[np.int64]

BACKGROUND = -1
IGNORED = -2
NEAREST_CELLS = 9  # k of ATSS


def match_anchors(anchors: Floats, boxes: Floats, positive: float = 0.5, negative: float = 0.4) -> Ints:
    """For each anchor the index of its box, or BACKGROUND, or IGNORED. xyxy [A, 4], [N, 4] -> int64 [A].

    First each box gets one anchor: of all pairs the one with the largest IoU is bound, its anchor and its box
    are struck out, and so on until every box has one (ties: the lowest anchor, then the lowest box). Then each
    other anchor joins the box that it overlaps most if their IoU is at least `positive`, is IGNORED from
    `negative` on, and is BACKGROUND below it. More boxes than anchors: the last boxes get none. A box that
    touches no anchor at all still gets one, while there are any.
    """
    matches = np.full(len(anchors), BACKGROUND, np.int64)
    if len(boxes) == 0 or len(anchors) == 0:
        return matches
    iou = box_iou(anchors, boxes)  # [A, N]
    best = iou.max(1)  # [A]
    matches[best >= negative] = IGNORED
    joined = best >= positive
    matches[joined] = iou[joined].argmax(1)
    for anchor, box in _bind_one_to_one(iou):
        matches[anchor] = box
    return matches


def match_adaptively(grid: AnchorGrid, boxes: Floats) -> Ints:
    """ATSS (arXiv:1912.02424): each box sets the threshold of its own anchors. xyxy [N, 4] -> int64 [A].

    The candidates of a box are, on each level, the anchors of the NEAREST_CELLS cells whose centers are nearest to its
    own (ties: the lower cell). Those whose IoU is at least the mean plus the standard deviation of the candidates'
    IoUs, and whose center is inside the box, are its anchors; an anchor of several boxes is the one's that it overlaps
    most. As in match_anchors, each box is bound to one anchor first. The others are BACKGROUND; none is IGNORED.
    """
    matches = np.full(len(grid.xyxy), BACKGROUND, np.int64)
    if len(boxes) == 0 or len(matches) == 0:
        return matches
    iou = box_iou(grid.xyxy, boxes)  # [A, N]
    taken = np.zeros(len(matches), np.float32)  # the IoU with the box that has the anchor so far
    for box in range(len(boxes)):
        rows = _candidates(grid, boxes[box])
        own = iou[rows, box]
        center = grid.cxcywh[rows, :2]
        inside = ((center > boxes[box, :2]) & (center < boxes[box, 2:])).all(1)
        better = inside & (own >= _threshold(own)) & (own > taken[rows])
        matches[rows[better]], taken[rows[better]] = box, own[better]
    for anchor, box in _bind_one_to_one(iou):
        matches[anchor] = box
    return matches


def _threshold(iou: Floats) -> float:
    """Mean plus standard deviation, less a rounding error, so that equal IoUs all reach it."""
    return float(iou.mean(dtype=np.float64) + iou.std(dtype=np.float64)) - 1e-6


def _candidates(grid: AnchorGrid, box: Floats) -> Ints:
    """Anchors of the cells nearest to the center of a box, xyxy [4], level by level."""
    center, kinds = (box[:2] + box[2:]) / 2, np.arange(grid.per_cell)
    chosen = []
    for first, count in _levels(grid):
        cells = grid.cxcywh[first : first + count : grid.per_cell, :2]
        near = _largest(-((cells - center) ** 2).sum(1), min(NEAREST_CELLS, len(cells)))
        chosen.append((first + near[:, None] * grid.per_cell + kinds).ravel())
    return np.concatenate(chosen)


def _levels(grid: AnchorGrid) -> Iterator[tuple[int, int]]:
    """The first anchor and the number of anchors of each level."""
    first = 0
    for stride in grid.strides:
        count = -(-grid.width // stride) * -(-grid.height // stride) * grid.per_cell
        yield first, count
        first += count


def _bind_one_to_one(iou: Floats) -> list[tuple[int, int]]:
    """Pairs (anchor, box), largest IoU first, no anchor and no box twice.

    Only each box's best N anchors can ever be bound: of those N, other boxes take at most N - 1.
    """
    anchors, boxes = iou.shape
    keep = min(boxes, anchors)
    rows = np.concatenate([_largest(iou[:, box], keep) for box in range(boxes)])
    columns = np.repeat(np.arange(boxes), keep)
    order = np.lexsort((columns, rows, -iou[rows, columns]))
    pairs: list[tuple[int, int]] = []
    used_rows: set[int] = set()
    used_columns: set[int] = set()
    for i in order:
        row, column = int(rows[i]), int(columns[i])
        if row not in used_rows and column not in used_columns:
            pairs.append((row, column))
            used_rows.add(row)
            used_columns.add(column)
    return pairs


def _largest(values: Floats, count: int) -> Ints:
    """Indices of the `count` largest values; of equal ones the lowest indices."""
    if count < len(values):
        edge = -np.partition(-values, count - 1)[count - 1]
        above = np.flatnonzero(values > edge)
        return np.concatenate([above, np.flatnonzero(values == edge)[: count - len(above)]])
    return np.arange(len(values))
