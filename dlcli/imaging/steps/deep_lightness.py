"""L of CIE LAB for 16 bits and back.

OpenCV's own conversion of sRGB in float32 looks colors up in a coarse table, which leaves some 30 shades of 3,670. Its
conversion of linear light is exact, so that the curve of sRGB is applied here.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

import cv2
import numpy as np

from dlcli.imaging.color import srgb

_STRIP = 1 << 18  # pixels that are worked on at a time
_L = 65535 / 100  # levels of 16 bits to one of L, which is in [0, 100]


def on_deep_lightness(pixels: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """uint16 RGB [H, W, 3] with `change` (a function of uint16 [H, W]) applied to L; a and b stay."""
    plane = np.empty(pixels.shape[:2], np.uint16)
    for rows in _strips(pixels):
        plane[rows] = np.rint(_to_lab(pixels[rows])[..., 0] * _L)
    plane = change(plane)
    out = np.empty_like(pixels)
    for rows in _strips(pixels):
        lab = _to_lab(pixels[rows])
        lab[..., 0] = plane[rows] / np.float32(_L)
        out[rows] = np.rint(65535 * srgb.encoded(cv2.cvtColor(lab, cv2.COLOR_Lab2LRGB)))
    return out


def _to_lab(pixels: np.ndarray) -> np.ndarray:
    """uint16 RGB -> float32 Lab, [h, W, 3]."""
    return cv2.cvtColor(np.take(_light(), pixels), cv2.COLOR_LRGB2Lab)


@lru_cache(maxsize=1)
def _light() -> np.ndarray:
    """float32 [65536], read-only: the linear light of each sample."""
    table = srgb.CURVE(np.arange(65536) / 65535).astype(np.float32)
    table.setflags(write=False)
    return table


def _strips(pixels: np.ndarray) -> Iterator[slice]:
    step = max(1, _STRIP // pixels.shape[1])
    return (slice(top, top + step) for top in range(0, len(pixels), step))
