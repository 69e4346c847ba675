"""From logits on a coarse grid to the class of each pixel, in strips of rows so that little is in memory."""

import cv2
import numpy as np

from dlcli.imaging.geometry import Placement

STRIP = 1 << 18  # pixels of one class that are interpolated at a time: 1 MiB, which stays in the cache
HOW = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP


def classes_of_pixels(logits: np.ndarray, placement: Placement, rows: tuple[int, int] | None = None) -> np.ndarray:
    """uint8 [H, W]: the class with the largest logit at each pixel's center, between cells bilinear.

    logits: float32 [C, h, w], C at most 255; beyond the outermost cells' centers they go on unchanged. Of equal ones
    the first class wins. placement: from the image to cells, of which the first spans 0 to 1; H and W are its
    source's. rows: first and end of those that are wanted, for a result of end - first rows; None: all.
    """
    first, end = rows or (0, placement.source_height)
    width = placement.source_width
    step = max(1, STRIP // width)
    found = np.empty((end - first, width), np.uint8)
    contenders = possible_classes(logits)
    for top in range(first, end, step):
        bottom = min(top + step, end)
        found[top - first : bottom - first] = _strip(logits, contenders, placement, top, bottom)
    return found


def possible_classes(logits: np.ndarray) -> np.ndarray:
    """int64 [K], ascending: the classes that can be the largest somewhere between the cells of float32 [C, h, w].

    Among four neighboring cells an interpolated logit is at least the smallest and at most the largest of its class;
    a class whose largest is below another's smallest loses there, and one that loses everywhere is left out.
    """
    padded = np.pad(logits, ((0, 0), (1, 1), (1, 1)), mode="edge")
    most = np.maximum(padded[:, 1:], padded[:, :-1])
    least = np.minimum(padded[:, 1:], padded[:, :-1])
    most = np.maximum(most[:, :, 1:], most[:, :, :-1])  # [C, h + 1, w + 1]
    least = np.minimum(least[:, :, 1:], least[:, :, :-1])
    return np.flatnonzero((most >= least.max(0)).any((1, 2)))


def logits_at(logits: np.ndarray, placement: Placement, size: tuple[int, int], top: int = 0) -> np.ndarray:
    """float32 [C, n, w] of size (w, n): the logits at the centers of the pixels of rows `top` to `top + n`."""
    return np.stack([_resampled(plane, placement, size, top) for plane in logits])


def _strip(logits: np.ndarray, contenders: np.ndarray, placement: Placement, top: int, bottom: int) -> np.ndarray:
    size = placement.source_width, bottom - top
    found = np.full(size[::-1], contenders[0], np.uint8)
    if len(contenders) == 1:
        return found
    best = _resampled(logits[contenders[0]], placement, size, top)
    for class_id in contenders[1:]:
        values = _resampled(logits[class_id], placement, size, top)
        np.copyto(found, np.uint8(class_id), where=values > best)
        np.maximum(best, values, out=best)
    return found


def _resampled(plane: np.ndarray, placement: Placement, size: tuple[int, int], top: int) -> np.ndarray:
    """float32 [n, w] of one class's plane float32 [h, w]."""
    sx, sy = placement.scale_x, placement.scale_y
    matrix = np.array([[sx, 0, sx / 2 + placement.dx - 0.5], [0, sy, (top + 0.5) * sy + placement.dy - 0.5]])
    return cv2.warpAffine(plane, matrix, size, flags=HOW, borderMode=cv2.BORDER_REPLICATE)
