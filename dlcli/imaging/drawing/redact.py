"""Makes parts of an image unrecognizable, for images that are to be published.

Blur and pixelate keep the means of at most CELLS cells along a part's longer side, whatever its size, and nothing else:
a blur of fixed width can be undone, and a cell that is small beside a face shows it. Edges are hard, as a soft one
would mix in what it hides. Readers of such means that know what to look for can still tell some things apart (McPherson
et al., "Defeating image obfuscation with deep learning", 2016); only a box leaves nothing.
"""

import math

import cv2
import numpy as np

CELLS = 6  # along the longer side
INK = (16, 16, 16)  # of a box


def redact_boxes(pixels: np.ndarray, xyxy: np.ndarray, style: str, padding: float) -> np.ndarray:
    """A copy of RGB uint8 [H, W, 3] with each box covered. xyxy: [N, 4], x2/y2 exclusive; boxes may overlap.

    style: "blur", "pixelate" or "box". padding: how much each box grows on every side, a share of its longer side; a
    box always covers whole pixels. ValueError: another style.
    """
    covered = np.ascontiguousarray(pixels).copy()
    height, width = pixels.shape[:2]
    for x1, y1, x2, y2 in xyxy.astype(float):
        more = padding * max(x2 - x1, y2 - y1)
        left, top = max(0, math.floor(x1 - more)), max(0, math.floor(y1 - more))
        right, bottom = min(width, math.ceil(x2 + more)), min(height, math.ceil(y2 + more))
        if right > left and bottom > top:
            covered[top:bottom, left:right] = _cover(pixels[top:bottom, left:right], style)
    return covered


def redact_mask(pixels: np.ndarray, inside: np.ndarray, style: str, padding: float) -> np.ndarray:
    """The same of each connected region of bool [H, W].

    A region grows by `padding` of the longer side of the box around it, a pixel at least: masks end inside of edges.
    """
    covered = np.ascontiguousarray(pixels).copy()
    height, width = inside.shape
    count, regions, stats, _ = cv2.connectedComponentsWithStats(inside.astype(np.uint8), connectivity=8)
    for number in range(1, count):
        left, top, wide, high = (int(value) for value in stats[number, :4])
        more = max(1, math.ceil(padding * max(wide, high)))
        rows = slice(max(0, top - more), min(height, top + high + more))
        columns = slice(max(0, left - more), min(width, left + wide + more))
        near = _within(regions[rows, columns] == number, more)
        part = pixels[rows, columns]
        np.copyto(covered[rows, columns], _cover(part, style), where=near[..., None])
    return covered


def _cover(part: np.ndarray, style: str) -> np.ndarray:
    """uint8 [h, w, 3] of which only the means of a few cells are left, or nothing."""
    height, width = part.shape[:2]
    if style == "box":
        return np.full(part.shape, INK, np.uint8)
    cell = max(height, width) / CELLS
    size = max(1, min(width, round(width / cell))), max(1, min(height, round(height / cell)))
    if max(height, width) <= CELLS:  # as many cells as pixels: one is left
        size = 1, 1
    means = cv2.resize(np.ascontiguousarray(part), size, interpolation=cv2.INTER_AREA)
    if style == "pixelate":
        return cv2.resize(means, (width, height), interpolation=cv2.INTER_NEAREST)
    if style == "blur":
        return cv2.resize(means, (width, height), interpolation=cv2.INTER_CUBIC)
    raise ValueError(f"style: expected blur, pixelate or box, got {style!r}")


def _within(inside: np.ndarray, distance: int) -> np.ndarray:
    """bool [h, w]: the pixels that are at most so far from one that is inside."""
    return cv2.distanceTransform((~inside).astype(np.uint8), cv2.DIST_L2, 5) <= distance
