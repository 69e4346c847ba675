"""Class masks as 8-bit palette PNG: the value of a pixel is its class, the palette colors are those of PASCAL VOC."""

from functools import lru_cache
from io import BytesIO

import numpy as np
from PIL import Image

from dlcli.imaging.drawing.palette import Color


@lru_cache(maxsize=1)
def voc_palette() -> np.ndarray:
    """uint8 [256, 3], read-only: the color of each class (VOClabelcolormap in the VOC 2012 development kit).

    Three bits of the class at a time, the lowest first, become the bits of red, green and blue, the highest first:
    0 is black, 1 (128, 0, 0), 2 (0, 128, 0), 15 (192, 128, 128), 255 (224, 224, 192).
    """
    classes = np.arange(256)
    palette = np.zeros((256, 3), np.uint8)
    for step in range(8):
        for channel in range(3):
            bit = (classes >> (3 * step + channel)) & 1
            palette[:, channel] |= (bit << (7 - step)).astype(np.uint8)
    palette.flags.writeable = False
    return palette


def voc_color(class_id: int) -> Color:
    """sRGB, each 0 to 255, of a class of 0 to 255."""
    red, green, blue = (int(v) for v in voc_palette()[class_id])
    return red, green, blue


def encode_index_png(mask: np.ndarray) -> bytes:
    """uint8 [H, W] of classes -> the bytes of a palette PNG; equal masks give equal bytes."""
    if mask.ndim != 2 or mask.dtype != np.uint8:
        raise ValueError(f"mask: expected uint8 [H, W], got {mask.dtype} {list(mask.shape)}")
    image = Image.fromarray(np.ascontiguousarray(mask))
    image.putpalette(voc_palette().tobytes())
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def encode_gray_png(values: np.ndarray) -> bytes:
    """uint8 [H, W] -> the bytes of an 8-bit gray PNG."""
    buffer = BytesIO()
    Image.fromarray(np.ascontiguousarray(values)).save(buffer, "PNG")
    return buffer.getvalue()
