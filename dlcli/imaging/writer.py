"""Pixels to a picture file, whole or not at all."""

from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image

from dlcli.errors import UsageError
from dlcli.imaging.depth import to_8_bit
from dlcli.whole_file import write_whole

_FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".gif": "GIF",
}
_KEEPS_16_BIT = {"PNG", "TIFF"}


def write_picture(path: Path, pixels: np.ndarray, quality: int = 90) -> None:
    """Write RGB [H, W, 3], uint8 or uint16, in the format of the suffix; parents are made, an old file is replaced.

    quality: 1 to 100, for JPEG and WebP. uint16 is kept in PNG and TIFF and divided by 257 elsewhere. An unknown
    suffix raises UsageError, a full disk and the like DlcliError; neither leaves a part of a file behind.
    """
    write_whole(path, encode_picture(pixels, path.suffix, quality))


def encode_picture(pixels: np.ndarray, suffix: str, quality: int = 90) -> bytes:
    """The bytes that `write_picture` writes; equal pixels give equal bytes."""
    name = _FORMATS.get(suffix.lower())
    if name is None:
        raise UsageError(f"{suffix or 'no suffix'}: cannot write such a picture; choose one of {', '.join(_FORMATS)}")
    if pixels.dtype == np.uint16 and name in _KEEPS_16_BIT:
        return _encode_deep(pixels, suffix)
    buffer = BytesIO()
    options = {"quality": quality} if name in {"JPEG", "WEBP"} else {}
    Image.fromarray(np.ascontiguousarray(to_8_bit(pixels))).save(buffer, name, **options)
    return buffer.getvalue()


def _encode_deep(pixels: np.ndarray, suffix: str) -> bytes:
    """16-bit colour, which Pillow cannot write."""
    import cv2

    done, encoded = cv2.imencode(suffix, np.ascontiguousarray(pixels[..., ::-1]))
    if not done:
        raise ValueError(f"cv2 could not encode uint16 {list(pixels.shape)} as {suffix}")
    return encoded.tobytes()
