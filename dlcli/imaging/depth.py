"""The rules that turn sample depths and transparency into plain pixels. Integers only, so every machine agrees."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing

STRIP = 1 << 18  # values that are worked on at a time, so that they stay in the processor's cache


def to_8_bit(pixels: np.ndarray) -> np.ndarray:
    """uint16 -> uint8 of the same shape: v / 257, rounded; by the type's range, never the image's own. uint8 as is.

    257 = 65535 / 255, so black stays 0, white becomes 255 and `to_16_bit` is undone exactly.
    """
    if pixels.dtype == np.uint8:
        return pixels
    return _by_strips(pixels, pixels.shape, np.uint8, lambda strip: (strip.astype(np.uint32) + 128) // 257)


def to_16_bit(pixels: np.ndarray) -> np.ndarray:
    """uint8 -> uint16 of the same shape: v * 257. uint16 as is."""
    return pixels if pixels.dtype == np.uint16 else pixels.astype(np.uint16) * np.uint16(257)


def to_full_range(values: np.ndarray, bits: int) -> np.ndarray:
    """Unsigned numbers of so many bits, kept in uint8 or uint16 -> the same in the type's whole range, rounded."""
    top, full = (1 << bits) - 1, int(np.iinfo(values.dtype).max)
    if top == full:
        return values
    return _by_strips(
        values, values.shape, values.dtype, lambda strip: (strip.astype(np.uint32) * full + top // 2) // top
    )


def over_white(pixels: np.ndarray) -> np.ndarray:
    """[H, W, 4] RGBA -> [H, W, 3] RGB of the same dtype (uint8, uint16), composited over white.

    out = (c * a + max * (max - a)) / max, rounded; straight (not premultiplied) alpha.
    """
    top = np.uint32(np.iinfo(pixels.dtype).max)

    def lay(strip: np.ndarray) -> np.ndarray:
        alpha = strip[..., 3:].astype(np.uint32)  # [h, W, 1]
        color = strip[..., :3].astype(np.uint32)  # [h, W, 3]
        return (color * alpha + top * (top - alpha) + top // 2) // top

    return _by_strips(pixels, (*pixels.shape[:2], 3), pixels.dtype, lay)


def _by_strips(
    pixels: np.ndarray, shape: tuple[int, ...], dtype: "np.typing.DTypeLike", work: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """`work` on a few rows at a time: its 32-bit steps would take ten times the image's own memory."""
    out = np.empty(shape, dtype)
    rows = max(1, STRIP // max(1, pixels[:1].size))
    for first in range(0, len(pixels), rows):
        out[first : first + rows] = work(pixels[first : first + rows])
    return out


def to_rgb(pixels: np.ndarray) -> np.ndarray:
    """[H, W], or [H, W, C] with C = 1 gray, 2 gray + alpha, 3 RGB, 4 RGBA -> [H, W, 3] RGB; uint8 or uint16."""
    if pixels.ndim == 2:
        pixels = pixels[..., None]  # [H, W, 1]
    if pixels.shape[2] in (2, 4):
        gray_or_rgb = pixels[..., :-1]
        rgba = np.concatenate([np.broadcast_to(gray_or_rgb, (*pixels.shape[:2], 3)), pixels[..., -1:]], axis=2)
        return over_white(rgba)
    return np.ascontiguousarray(pixels if pixels.shape[2] == 3 else np.repeat(pixels, 3, axis=2))
