"""Which box of one list is which of the other: one to one, the pair that overlaps most first."""

from collections.abc import Sequence

import numpy as np

from dlcli.evaluation.diff.change import DECIMALS
from dlcli.ops.boxes import box_iou

Pair = tuple[int, int, float]  # row, column, overlap


def overlaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Intersection over union of each pair: xyxy float64 [N, 4], [M, 4] -> float64 [N, M] in [0, 1].

    Equal boxes have 1 also where they have no area, so that a list always matches itself. Rounded, see DECIMALS.
    """
    equal = (a[:, None, :] == b[None, :, :]).all(axis=2)  # [N, M]
    return np.round(np.where(equal, 1.0, box_iou(a, b)), DECIMALS)


def match_greedily(overlap: np.ndarray, limit: float, a: Sequence[tuple], b: Sequence[tuple]) -> list[Pair]:
    """One-to-one pairs (row, column, overlap), ascending by row: of all pairs the one that overlaps most is taken
    first, then the most of what is left, down to `limit`.

    overlap: float64 [N, M], below 0 where a pair may not match. a, b: for each row and column what it stands for, its
    score first: of equal overlaps the closer scores go first, and what is equal in that too is ordered by the two
    values without regard to their sides. So neither the order of the lists nor which is a and which is b matters.
    """
    rows, columns = np.nonzero(overlap >= limit)
    values = overlap[rows, columns].tolist()
    pairs = list(zip(rows.tolist(), columns.tolist(), values, strict=True))

    def rank(pair: Pair) -> tuple:
        first, second = a[pair[0]], b[pair[1]]
        return -pair[2], abs(first[0] - second[0]), *sorted((first, second))

    taken_rows: set[int] = set()
    taken_columns: set[int] = set()
    chosen = []
    for row, column, value in sorted(pairs, key=rank):
        if row not in taken_rows and column not in taken_columns:
            taken_rows.add(row)
            taken_columns.add(column)
            chosen.append((row, column, value))
    return sorted(chosen)
