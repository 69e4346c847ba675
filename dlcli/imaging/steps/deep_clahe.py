"""CLAHE of 16 bits with the effect that it has on 8.

OpenCV's own limits a histogram of 65,536 bins, where the limit of a tile of few pixels is one pixel a bin, whatever was
asked for. Here the histogram has 256 bins of 257 levels, clipped and spread out as OpenCV does, and the curve made of
it is interpolated between its 256 points, so that levels stay apart. (Zuiderveld, Graphics Gems IV, 1994.)
"""

import cv2
import numpy as np

from dlcli.imaging.depth import to_8_bit

BINS, UNIT = 256, 257  # UNIT: levels of 16 bits to one of 8
_Near = list[tuple[np.ndarray, np.ndarray]]  # tiles of each row or column, and their shares in it
_STRIP = 1 << 16  # pixels that are worked on at a time


def deep_clahe(plane: np.ndarray, clip: float, grid: int) -> np.ndarray:
    """uint16 [H, W] -> a new uint16 [H, W]; clip and grid as of `enhance.clahe`.

    On 8-bit values times 257 it differs from 257 times cv2's result by at most one level of 8 bits, which is what cv2
    rounds.
    """
    height, width = plane.shape
    padded = _padded(plane, grid)
    tile_height, tile_width = padded.shape[0] // grid, padded.shape[1] // grid
    points = _points(padded, clip, grid)
    rows, columns = _neighbors(height, tile_height, grid), _neighbors(width, tile_width, grid)
    out = np.empty((height, width), np.uint16)
    step = max(1, _STRIP // width)
    for top in range(0, height, step):
        strip = [(tiles[top : top + step], share[top : top + step]) for tiles, share in rows]
        out[top : top + step] = np.rint(_looked_up(plane[top : top + step], points, strip, columns, grid))
    return out


def _looked_up(plane: np.ndarray, points: np.ndarray, rows: _Near, columns: _Near, grid: int) -> np.ndarray:
    """uint16 [h, W] -> float32 [h, W]: through the curves of the four tiles around each pixel, by their shares."""
    below = np.minimum(plane // UNIT, BINS - 2).astype(np.intp)  # the curve's point below the level
    way = (plane - UNIT * below).astype(np.float32) / UNIT  # to the next point
    out = np.zeros(plane.shape, np.float32)
    for row, high in rows:
        for column, wide in columns:
            at = (row[:, None] * grid + column) * BINS + below
            value = points.take(at) * (1 - way) + points.take(at + 1) * way
            out += value * (high[:, None] * wide)
    return out


def _padded(plane: np.ndarray, grid: int) -> np.ndarray:
    """Mirrored at the right and at the bottom until both sides can be divided by the grid; as OpenCV pads."""
    height, width = plane.shape
    if height % grid == 0 and width % grid == 0:
        return plane
    return cv2.copyMakeBorder(plane, 0, grid - height % grid, 0, grid - width % grid, cv2.BORDER_REFLECT_101)


def _points(padded: np.ndarray, clip: float, grid: int) -> np.ndarray:
    """float32 [grid * grid * 256]: the new value, 0 to 65535, of each bin's middle, by the histogram of each tile."""
    height, width = padded.shape[0] // grid, padded.shape[1] // grid
    area = height * width
    tops, lefts = range(0, height * grid, height), range(0, width * grid, width)
    bins = to_8_bit(padded)
    tiles = [bins[top : top + height, left : left + width] for top in tops for left in lefts]
    limit = max(1, int(clip * area / BINS))
    spread = np.stack([_clipped(np.bincount(tile.ravel(), minlength=BINS), limit) for tile in tiles])
    return (np.cumsum(spread, axis=1) * (65535 / area)).astype(np.float32).ravel()


def _clipped(histogram: np.ndarray, limit: int) -> np.ndarray:
    """What is above the limit is spread over all bins, and what is left of it over bins at even steps."""
    kept = np.minimum(histogram, limit)
    excess = int(histogram.sum() - kept.sum())
    kept += excess // BINS
    left = excess % BINS
    if left:
        kept[: left * max(1, BINS // left) : max(1, BINS // left)] += 1
    return kept


def _neighbors(length: int, tile: int, grid: int) -> _Near:
    """For each pixel of a side the tile whose middle is before it and the one whose is behind, with their shares."""
    place = np.arange(length) / tile - 0.5
    before = np.floor(place).astype(np.intp)
    share = (place - before).astype(np.float32)
    return [(np.maximum(before, 0), 1 - share), (np.minimum(before + 1, grid - 1), share)]
