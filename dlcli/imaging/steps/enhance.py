"""Pixel maths of the --pre steps: small pure functions of (array, numbers); chain.py gives them their names.

Every `pixels` is RGB [H, W, 3], uint8, and also uint16 where the function says that it keeps 16 bits; the result is
a new array of the same shape and dtype. The input is never changed.
"""

from collections.abc import Callable
from functools import lru_cache

import cv2
import numpy as np

from dlcli.imaging.steps.deep_clahe import deep_clahe
from dlcli.imaging.steps.deep_lightness import on_deep_lightness
from dlcli.imaging.steps.strips import in_strips, strip_rows


def clahe(pixels: np.ndarray, clip: float = 2.0, grid: int = 8) -> np.ndarray:
    """Contrast-limited adaptive histogram equalization of L in CIE LAB; colors stay. Keeps 16 bits.

    clip: histogram limit, as multiples of the mean of 256 bins, for 16 bits too: there L is what it is on 8 bits, to
    within one of 255 levels where the values are the same, and levels in between stay apart. grid: tiles along each
    side.
    """
    if pixels.dtype == np.uint16:
        return on_deep_lightness(pixels, lambda plane: deep_clahe(plane, clip, grid))
    return _on_lightness(pixels, cv2.createCLAHE(clipLimit=clip, tileGridSize=(grid, grid)).apply)


def gamma(pixels: np.ndarray, g: float) -> np.ndarray:
    """out = max * (v / max)^g, rounded, by lookup table; g < 1 brightens, 1 changes nothing. Keeps 16 bits."""
    return _look_up(pixels, _gamma_table(g, pixels.dtype))


def gray(pixels: np.ndarray) -> np.ndarray:
    """Three equal channels of luma, 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601). Keeps 16 bits."""
    return cv2.cvtColor(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def equalize(pixels: np.ndarray) -> np.ndarray:
    """Histogram equalization of L in CIE LAB over the whole image; colors stay. 8 bits only."""
    return _on_lightness(pixels, cv2.equalizeHist)


def denoise(pixels: np.ndarray, method: str = "bilateral", strength: float = 10.0) -> np.ndarray:
    """Smooth noise and keep edges. 8 bits only. strength: in gray levels, about the noise's own spread.

    bilateral: 9-pixel window, spatial sigma 3, range sigma 2 * strength (Tomasi and Manduchi, ICCV 1998); fast.
    nlmeans: 7-pixel patches in a 21-pixel window, h = strength (Buades et al., CVPR 2005); better, seconds an image.
    """
    if method == "nlmeans":
        return in_strips(
            pixels, 13, lambda strip: cv2.fastNlMeansDenoisingColored(strip, None, strength, strength, 7, 21)
        )
    return in_strips(pixels, 4, lambda strip: cv2.bilateralFilter(strip, 9, 2 * strength, 3.0))


def sharpen(pixels: np.ndarray, amount: float = 1.0, radius: float = 1.0) -> np.ndarray:
    """Unsharp mask: v + amount * (v - blur(v)), Gaussian blur of sigma `radius` pixels, clipped. Keeps 16 bits."""
    blurred = cv2.GaussianBlur(pixels, (0, 0), radius)
    return cv2.addWeighted(pixels, 1 + amount, blurred, -amount, 0)


def white_balance(pixels: np.ndarray) -> np.ndarray:
    """Gray world: each channel scaled so that its mean is the mean of all three, clipped. Keeps 16 bits.

    A channel that is all zero stays. (Buchsbaum, J. Franklin Institute, 1980.)
    """
    top = np.iinfo(pixels.dtype).max
    means = np.array(cv2.mean(pixels)[:3])  # [3], float64
    gains = np.divide(means.mean(), means, out=np.ones(3), where=means > 0)
    levels = np.arange(top + 1)
    tables = np.rint(np.clip(levels * gains[:, None], 0, top)).astype(pixels.dtype)  # [3, levels]
    out = np.empty_like(pixels)
    for channel in range(3):
        out[..., channel] = _look_up(np.ascontiguousarray(pixels[..., channel]), tables[channel])
    return out


def stretch(pixels: np.ndarray, low: float = 0.5, high: float = 99.5) -> np.ndarray:
    """The values at two percentiles, of all channels together, become black and white; what is between, in proportion.

    What is beyond is clipped. Where both are one value, or low is above high, it becomes a step. Keeps 16 bits.
    """
    top = np.iinfo(pixels.dtype).max
    counts = (np.bincount(pixels[rows].ravel(), minlength=top + 1) for rows in strip_rows(pixels))
    below = np.cumsum(sum(counts))  # how many values are no greater
    black, white = (int(np.searchsorted(below, max(1, share / 100 * pixels.size))) for share in (low, high))
    levels = np.clip((np.arange(top + 1) - black) / max(1, white - black), 0, 1)
    return _look_up(pixels, np.rint(top * levels).astype(pixels.dtype))


@lru_cache(maxsize=8)
def _gamma_table(g: float, dtype: np.dtype) -> np.ndarray:
    """[256] or [65536]: the new value of each."""
    top = np.iinfo(dtype).max
    table = np.rint(top * (np.arange(top + 1) / top) ** g).astype(dtype)
    table.setflags(write=False)
    return table


def _look_up(pixels: np.ndarray, table: np.ndarray) -> np.ndarray:
    """table[pixels], by OpenCV where it can: a fifth of the time. NumPy makes eight bytes of each value meanwhile."""
    if pixels.dtype == np.uint8:
        return cv2.LUT(pixels, table)
    out = np.empty_like(pixels)
    for rows in strip_rows(pixels):
        np.take(table, pixels[rows], out=out[rows], mode="clip")
    return out


def _on_lightness(pixels: np.ndarray, change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """uint8 RGB with `change` (a function of uint8 [H, W]) applied to L of LAB."""
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)
    cv2.insertChannel(change(cv2.extractChannel(lab, 0)), lab, 0)
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)
