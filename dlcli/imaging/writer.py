"""Pixels to an image file, whole or not at all."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from dlcli.errors import UsageError
from dlcli.imaging.color.srgb import PROFILE as SRGB
from dlcli.imaging.depth import to_8_bit
from dlcli.imaging.file_indices import Indices
from dlcli.imaging.formats.attach import fits_jpeg, into_jpeg, into_png
from dlcli.imaging.formats.metadata import Metadata
from dlcli.imaging.formats.tiff_file import encode_tiff, fits_tiff
from dlcli.whole_file import write_whole

_FORMATS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".gif": "GIF",
}
_KEEPS_16_BIT = {"PNG", "TIFF"}
_PLACES = {"PNG": ("exif", "xmp", "icc", "dpi", "texts", "color"), "WEBP": ("exif", "xmp", "icc")}
_NOTHING = Metadata()
DRAWN = Metadata(icc=SRGB)  # what goes with an image that is made here


def write_image(path: Path, pixels: np.ndarray, quality: int = 90) -> None:
    """Write RGB [H, W, 3] or gray [H, W], uint8 or uint16, in the format of the suffix.

    Parents are made, an old file is replaced.

    quality: 1 to 100, for JPEG and WebP. uint16 is kept in PNG and TIFF and divided by 257 elsewhere. An unknown
    suffix raises UsageError, a full disk and the like DlcliError; neither leaves a part of a file behind.
    """
    write_whole(path, encode_image(pixels, path.suffix, quality))


def encode_image(pixels: np.ndarray, suffix: str, quality: int = 90, metadata: Metadata = DRAWN) -> bytes:
    """The bytes that `write_image` writes; equal arguments give equal bytes.

    metadata: goes along as it is, what `fitting` leaves out excepted; see Metadata.for_pixels. Unless given it says
    that the pixels are sRGB.
    """
    name = format_for(suffix)
    fit = fitting(metadata, suffix)
    if name == "TIFF":
        return encode_tiff(pixels, fit)
    if name == "PNG":
        data = _encode_by_opencv(pixels, suffix) if pixels.dtype == np.uint16 else _encode(pixels, name)
        return into_png(data, fit)
    pixels = to_8_bit(pixels)
    if name == "JPEG":
        return into_jpeg(_encode_by_opencv(pixels, ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality]), fit)
    if name == "WEBP":
        return _encode(pixels, name, quality=quality, exif=fit.exif, xmp=fit.xmp, icc_profile=fit.icc)
    return _encode(pixels, name)


def encode_indices(indices: Indices, suffix: str, metadata: Metadata) -> bytes:
    """A palette PNG or TIFF of the numbers as they are, or one of gray where there is no palette."""
    fit = fitting(metadata, suffix)
    if not indices.palette:
        return encode_image(indices.values, suffix, metadata=fit)
    if format_for(suffix) == "TIFF":
        return encode_tiff(indices.values, fit, indices.palette)
    image = Image.fromarray(indices.values)
    image.putpalette(indices.palette)
    buffer = BytesIO()
    image.save(buffer, "PNG", **({} if indices.transparency is None else {"transparency": indices.transparency}))
    return into_png(buffer.getvalue(), fit)


def format_for(suffix: str) -> str:
    """Pillow's name of the format that a suffix means. UsageError: none that is written."""
    name = _FORMATS.get(suffix.lower())
    if name is None:
        raise UsageError(f"{suffix or 'no suffix'}: cannot write such an image; choose one of {', '.join(_FORMATS)}")
    return name


def keeps_16_bit(suffix: str) -> bool:
    """Whether uint16 pixels stay so in this format."""
    return format_for(suffix) in _KEEPS_16_BIT


def fitting(metadata: Metadata, suffix: str) -> Metadata:
    """What a format can hold: a JPEG no EXIF or XMP over 64 KB, a TIFF only EXIF values of sane types, BMP and GIF
    nothing, each only what it has a place for."""
    name = format_for(suffix)
    if name in _PLACES or not metadata:
        return metadata.only(*_PLACES.get(name, ()))
    rules = {"JPEG": fits_jpeg, "TIFF": fits_tiff}
    return rules[name](metadata) if name in rules else _NOTHING


def _encode(pixels: np.ndarray, name: str, **options: object) -> bytes:
    buffer = BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, name, **options)
    return buffer.getvalue()


def _encode_by_opencv(pixels: np.ndarray, suffix: str, options: Sequence[int] = ()) -> bytes:
    """PNG in 16-bit color, which Pillow cannot write, and JPEG in four fifths of its time. ValueError: too large."""
    try:
        stored = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR)
        done, encoded = cv2.imencode(suffix, stored, options)
    except cv2.error as error:
        raise ValueError(f"OpenCV cannot encode it ({error.err})") from error
    if not done:
        height, width = pixels.shape[:2]
        raise ValueError(f"{format_for(suffix)} cannot hold {width:,} x {height:,} pixels")
    return encoded.tobytes()
