"""The cells of anchor-free detectors: a point for each cell of each stride, level by level, row by row."""

import numpy as np

from dlcli.ops.boxes import Floats

STRIDES = ((8, 16, 32), (8, 16, 32, 64), (4, 8, 16, 32), (4, 8, 16), (16, 32))


def count(size: tuple[int, int], strides: tuple[int, ...]) -> int:
    """How many cells there are; size: (width, height) in pixels."""
    return sum(-(-size[0] // stride) * -(-size[1] // stride) for stride in strides)


def strides_of(cells: int, size: tuple[int, int]) -> tuple[int, ...] | None:
    """The strides that give so many cells, None if none of the usual ones do."""
    return next((strides for strides in STRIDES if count(size, strides) == cells), None)


def cells(size: tuple[int, int], strides: tuple[int, ...]) -> tuple[Floats, Floats]:
    """(column and row of each cell, float32 [N, 2]; its stride, float32 [N, 1])."""
    places, sizes = [], []
    for stride in strides:
        rows, columns = np.mgrid[0 : -(-size[1] // stride), 0 : -(-size[0] // stride)]
        places.append(np.stack([columns.ravel(), rows.ravel()], 1))
        sizes.append(np.full((rows.size, 1), stride))
    return np.concatenate(places).astype(np.float32), np.concatenate(sizes).astype(np.float32)
