"""L of CIE LAB for 16 bits and back.

OpenCV's own conversion of sRGB in float32 looks colors up in a coarse table, which leaves some 30 shades of 3,670. Its
conversion of linear light is exact, so that the curve of sRGB is applied here.
"""

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

from dlcli.imaging.color import srgb
from dlcli.imaging.steps.strips import strip_rows

_L = 65535 / 100  # levels of 16 bits to one of L, which is in [0, 100]


def on_deep_lightness(pixels: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """uint16 RGB [H, W, 3] with `change` (a function of uint16 [H, W]) applied to L; a and b stay."""
    plane = np.empty(pixels.shape[:2], np.uint16)
    for rows in strip_rows(pixels):
        plane[rows] = np.rint(_to_lab(pixels[rows])[..., 0] * _L)
    plane = change(plane)
    out = np.empty_like(pixels)
    for rows in strip_rows(pixels):
        lab = _to_lab(pixels[rows])
        lab[..., 0] = plane[rows] / np.float32(_L)
        out[rows] = np.rint(65535 * _encoded(cv2.cvtColor(lab, cv2.COLOR_Lab2LRGB)))
    return out


def _encoded(light: np.ndarray) -> np.ndarray:
    """`srgb.encoded` of float32, by OpenCV's power: a third of the time, and within 0.01 of 65,535 levels."""
    light = np.clip(light, 0, 1, out=light)
    out = np.asarray(cv2.pow(light, 1 / 2.4), np.float32)
    out *= np.float32(1.055)
    out -= np.float32(0.055)
    return np.multiply(light, 12.92, out=out, where=light <= 0.0031308)


def _to_lab(pixels: np.ndarray) -> np.ndarray:
    """uint16 RGB -> float32 Lab, [h, W, 3]."""
    return cv2.cvtColor(np.take(_light(), pixels), cv2.COLOR_LRGB2Lab)


@lru_cache(maxsize=1)
def _light() -> np.ndarray:
    """float32 [65536], read-only: the linear light of each sample."""
    table = srgb.CURVE(np.arange(65536) / 65535).astype(np.float32)
    table.setflags(write=False)
    return table
