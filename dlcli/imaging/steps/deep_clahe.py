"""CLAHE of 16 bits with the effect that it has on 8.

OpenCV's own limits a histogram of 65,536 bins, where the limit of a tile of few pixels is one pixel a bin, whatever was
asked for. Here the histogram has 256 bins of 257 levels, clipped and spread out as OpenCV does, and the curve made of
it is interpolated between its 256 points, so that levels stay apart. (Zuiderveld, Graphics Gems IV, 1994.) As on 8
bits the limit is a whole number of pixels, at least one, so that clips below 256 / (pixels of a tile) are alike.
"""

from itertools import product

import cv2
import numpy as np

from dlcli.imaging.depth import to_8_bit

BINS, UNIT = 256, 257  # UNIT: levels of 16 bits to one of 8
_STRIP = 1 << 16  # pixels that are worked on at a time, about


def deep_clahe(plane: np.ndarray, clip: float, grid: int) -> np.ndarray:
    """uint16 [H, W] -> a new uint16 [H, W]; clip and grid as of `enhance.clahe`.

    On 8-bit values times 257 it differs from 257 times cv2's result by at most one level of 8 bits, which is what cv2
    rounds.
    """
    height, width = plane.shape
    padded = _padded(plane, grid)
    points = _points(padded, clip, grid)
    right = _spans(width, padded.shape[1] // grid, grid, width)
    down = _spans(height, padded.shape[0] // grid, grid, max(1, _STRIP * grid // width))
    steps = np.diff(points, axis=2, append=points[..., -1:])
    out = np.empty((height, width), np.uint16)
    for rows, (above, below), low in down:
        for columns, (before, behind), wide in right:
            bins, way = _place(plane[rows, columns])
            near = product((above, below), (before, behind))
            a, b, c, d = (_value(points[tile], steps[tile], bins, way) for tile in near)
            out[rows, columns] = np.rint(_between(_between(a, b, wide), _between(c, d, wide), low[:, None]))
    return out


def _place(block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The bin whose middle is at each level or below it, and float32, the way from there to the next one's."""
    bins = block // np.uint16(UNIT)
    return bins, (block - bins * np.uint16(UNIT)).astype(np.float32) / UNIT


def _value(points: np.ndarray, steps: np.ndarray, bins: np.ndarray, way: np.ndarray) -> np.ndarray:
    """float32 [h, w]: by a tile's curve; steps: to the next of its points."""
    value = steps.take(bins)
    value *= way
    value += points.take(bins)
    return value


def _between(first: np.ndarray, second: np.ndarray, share: np.ndarray) -> np.ndarray:
    """first + share * (second - first), in the memory of the second; float32."""
    second -= first
    second *= share
    second += first
    return second


def _padded(plane: np.ndarray, grid: int) -> np.ndarray:
    """Mirrored at the right and at the bottom until both sides can be divided by the grid; as OpenCV pads."""
    height, width = plane.shape
    if height % grid == 0 and width % grid == 0:
        return plane
    return cv2.copyMakeBorder(plane, 0, grid - height % grid, 0, grid - width % grid, cv2.BORDER_REFLECT_101)


def _points(padded: np.ndarray, clip: float, grid: int) -> np.ndarray:
    """float32 [grid, grid, 256]: the new value, 0 to 65535, of each bin's middle, by the histogram of each tile."""
    height, width = padded.shape[0] // grid, padded.shape[1] // grid
    area = height * width
    tops, lefts = range(0, height * grid, height), range(0, width * grid, width)
    bins = to_8_bit(padded)
    tiles = [bins[top : top + height, left : left + width] for top in tops for left in lefts]
    limit = max(1, int(clip * area / BINS))
    spread = np.stack([_clipped(np.bincount(tile.ravel(), minlength=BINS), limit) for tile in tiles])
    return (np.cumsum(spread, axis=1) * (65535 / area)).astype(np.float32).reshape(grid, grid, BINS)


def _clipped(histogram: np.ndarray, limit: int) -> np.ndarray:
    """What is above the limit is spread over all bins, and what is left of it over bins at even steps."""
    kept = np.minimum(histogram, limit)
    excess = int(histogram.sum() - kept.sum())
    kept += excess // BINS
    left = excess % BINS
    if left:
        kept[: left * max(1, BINS // left) : max(1, BINS // left)] += 1
    return kept


def _spans(length: int, tile: int, grid: int, most: int) -> list[tuple[slice, tuple[int, int], np.ndarray]]:
    """Runs of at most `most` pixels of a side between the middles of two tiles: the pixels, the two tiles, and float32
    [n], the share of the second at each. Before the first middle and behind the last both are one tile.
    """
    place = (np.arange(length) / tile - 0.5).astype(np.float32)
    before = np.floor(place).astype(int)
    runs = []
    for first in range(before[0], before[-1] + 1):
        start, end = np.searchsorted(before, [first, first + 1])
        near = max(first, 0), min(first + 1, grid - 1)
        for at in range(start, end, most):
            inside = slice(at, min(at + most, end))
            runs.append((inside, near, place[inside] - np.float32(first)))
    return runs
