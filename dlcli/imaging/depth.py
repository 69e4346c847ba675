"""The rules that turn sample depths and transparency into plain pixels. Integers only, so every machine agrees."""

import numpy as np


def to_8_bit(pixels: np.ndarray) -> np.ndarray:
    """uint16 -> uint8 of the same shape: v / 257, rounded; by the type's range, never the picture's own. uint8 as is.

    257 = 65535 / 255, so black stays 0, white becomes 255 and `to_16_bit` is undone exactly.
    """
    if pixels.dtype == np.uint8:
        return pixels
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def to_16_bit(pixels: np.ndarray) -> np.ndarray:
    """uint8 -> uint16 of the same shape: v * 257. uint16 as is."""
    return pixels if pixels.dtype == np.uint16 else pixels.astype(np.uint16) * np.uint16(257)


def over_white(pixels: np.ndarray) -> np.ndarray:
    """[H, W, 4] RGBA -> [H, W, 3] RGB of the same dtype (uint8, uint16), composited over white.

    out = (c * a + max * (max - a)) / max, rounded; straight (not premultiplied) alpha.
    """
    top = np.uint32(np.iinfo(pixels.dtype).max)
    alpha = pixels[..., 3:].astype(np.uint32)  # [H, W, 1]
    colour = pixels[..., :3].astype(np.uint32)  # [H, W, 3]
    return ((colour * alpha + top * (top - alpha) + top // 2) // top).astype(pixels.dtype)


def to_rgb(pixels: np.ndarray) -> np.ndarray:
    """[H, W], or [H, W, C] with C = 1 grey, 2 grey + alpha, 3 RGB, 4 RGBA -> [H, W, 3] RGB; uint8 or uint16."""
    if pixels.ndim == 2:
        pixels = pixels[..., None]  # [H, W, 1]
    if pixels.shape[2] in (2, 4):
        grey_or_rgb = pixels[..., :-1]
        rgba = np.concatenate([np.broadcast_to(grey_or_rgb, (*pixels.shape[:2], 3)), pixels[..., -1:]], axis=2)
        return over_white(rgba)
    return np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3)))
