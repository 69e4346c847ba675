"""Rows of an image a few at a time: of a slow filter, which --timeout-per-image can end then, or to save memory."""

from collections.abc import Callable, Iterator

import numpy as np

from dlcli.runtime import deadline

PIXELS = 1 << 18  # of a strip, without its halo: a tenth of a second to half a second in the slowest filter
LEAST_ROWS = 64  # of a strip; the halo's rows are computed twice


def in_strips(pixels: np.ndarray, halo: int, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """What `change(pixels)` gives, [H, W, ...] of the same shape; computed in strips where a time limit is set.

    halo: how many rows above and below a row its result depends on. ImageError of kind "timeout": see deadline.check.
    """
    height, width = pixels.shape[:2]
    rows = max(LEAST_ROWS, PIXELS // width)
    if deadline.current() is None or rows >= height:
        return change(pixels)
    whole = np.empty_like(pixels)
    for top in range(0, height, rows):
        deadline.check("in the steps of --pre", stopped=True)
        first, last = max(0, top - halo), min(height, top + rows + halo)
        whole[top : top + rows] = change(pixels[first:last])[top - first : top - first + rows]
    return whole


def strip_rows(pixels: np.ndarray) -> Iterator[slice]:
    """The rows of [H, W, ...], so many at a time that what is made of them stays small."""
    step = max(1, PIXELS // pixels.shape[1])
    return (slice(top, top + step) for top in range(0, len(pixels), step))
