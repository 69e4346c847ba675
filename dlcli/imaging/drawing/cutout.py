"""Cuts classes out of an image, with an edge as soft as the image's own.

A mask's edge is known to a few pixels only, and hair or a blurred edge mixes two colors in one pixel. The guided filter
moves the edge to where the image has one and makes it soft ("feathering" in He et al. 2010); then the background's
share is taken out of the colors there (Marco Forte, "Approximate fast foreground colour estimation", ICIP 2021). Both
are computed on a smaller image, and applied in strips, so that a large image takes little memory.
"""

import math
from collections.abc import Iterator

import cv2
import numpy as np

from dlcli.imaging.drawing.guided_filter import coefficients

REACH = 0.012  # of the square root of the image's area: how far the mask may be from the true edge
WORKING = 6  # pixels of that on the smaller image
EPS = 2e-4  # variance of colors in [0, 1]; lower follows textures, higher is soft where the image is not
LOW, HIGH = 0.15, 0.85  # of the filter's result: what becomes transparent and opaque
STRIP = 1 << 18  # pixels at a time
LEAST = 0.001  # share of the image below which a region is a speck


def cut_out(pixels: np.ndarray, inside: np.ndarray, whole: bool = False) -> np.ndarray:
    """RGBA uint8: what is inside, the rest transparent and black.

    pixels: RGB uint8 [H, W, 3]. inside: bool [H, W], somewhere true. whole: [H, W, 4]; otherwise [h, w, 4], the
    smallest part that holds all that is not transparent.
    """
    reach = max(1, round(REACH * math.sqrt(inside.size)))
    rows, columns = _around(inside, 3 * reach)
    part = _soft(np.ascontiguousarray(pixels[rows, columns]), inside[rows, columns], reach)
    if whole:
        found = np.zeros((*inside.shape, 4), np.uint8)
        found[rows, columns] = part
        return found
    return np.ascontiguousarray(part[_around(part[..., 3] > 0, 0)])


def regions(inside: np.ndarray) -> Iterator[np.ndarray]:
    """bool [H, W] for each connected region, the largest first; specks are left out, but for a lone one."""
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8), connectivity=8)
    areas = stats[1:, cv2.CC_STAT_AREA]
    for rank, place in enumerate(np.argsort(-areas, kind="stable")):
        if rank and areas[place] < LEAST * inside.size:
            return
        yield numbers == place + 1


def _around(inside: np.ndarray, margin: int) -> tuple[slice, slice]:
    """Rows and columns of the box around what is inside, wider by a margin, within the image."""
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    (top, bottom), (left, right) = rows[[0, -1]] if len(rows) else (0, 0), columns[[0, -1]] if len(columns) else (0, 0)
    return slice(max(0, top - margin), bottom + 1 + margin), slice(max(0, left - margin), right + 1 + margin)


def _soft(pixels: np.ndarray, inside: np.ndarray, reach: int) -> np.ndarray:
    """RGBA uint8 [h, w, 4] of a part of an image."""
    height, width = inside.shape
    shrink = min(1.0, WORKING / reach)
    size = max(1, round(width * shrink)), max(1, round(height * shrink))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    target = cv2.resize(inside.astype(np.uint8) * 255, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    radius = max(1, round(reach * shrink))
    linear = coefficients(small, target, radius, EPS)
    share = _alpha(linear, small)
    front, back = _mixed(small, share, radius), _mixed(small, 1 - share, radius)
    found = np.zeros((height, width, 4), np.uint8)
    step = max(1, STRIP // width)
    for top in range(0, height, step):
        rows = slice(top, min(height, top + step))
        color = pixels[rows].astype(np.float32) / 255
        fields = (_resampled(field, (width, height), rows) for field in (linear, front, back))
        found[rows] = _strip(color, *fields)
    return found


def _strip(color: np.ndarray, linear: np.ndarray, front: np.ndarray, back: np.ndarray) -> np.ndarray:
    """RGBA uint8 of some rows. color, front, back: float32 [n, w, 3] in [0, 1]. linear: float32 [n, w, 4]."""
    alpha = _alpha(linear, color)
    share = alpha[..., None]
    own = np.clip(front + share * (color - share * front - (1 - share) * back), 0, 1)
    found = np.round(255 * np.dstack([own, alpha])).astype(np.uint8)
    found[..., :3] = np.where(found[..., 3:] == 255, np.round(255 * color), found[..., :3])
    found[found[..., 3] == 0] = 0
    return found


def _alpha(linear: np.ndarray, color: np.ndarray) -> np.ndarray:
    """float32 [h, w] in [0, 1]."""
    values = (linear[..., :3] * color).sum(2) + linear[..., 3]
    return np.asarray(np.clip((values - LOW) / (HIGH - LOW), 0, 1), np.float32)


def _mixed(color: np.ndarray, share: np.ndarray, radius: int) -> np.ndarray:
    """float32 [h, w, 3]: the mean color around each pixel of what has a share there."""
    size = (4 * radius + 1,) * 2
    weight = cv2.blur(share, size)[..., None]
    return np.asarray(cv2.blur(color * share[..., None], size) / np.maximum(weight, 1e-4))


def _resampled(field: np.ndarray, size: tuple[int, int], rows: slice) -> np.ndarray:
    """float32 [n, w, C] of rows of an image of `size`, between the pixels of a smaller one, float32 [h, w, C]."""
    width, height = size
    sx, sy = field.shape[1] / width, field.shape[0] / height
    matrix = np.array([[sx, 0, sx / 2 - 0.5], [0, sy, (rows.start + 0.5) * sy - 0.5]])
    how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(field, matrix, (width, rows.stop - rows.start), flags=how, borderMode=cv2.BORDER_REPLICATE)
