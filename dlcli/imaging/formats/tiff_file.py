"""Pixels to a TIFF file, 8 or 16 bits a sample, with its metadata; Pillow writes the directory, not deep pixels.

Layout: TIFF revision 6.0 (Adobe, 1992), with its differencing predictor and Adobe's deflate compression.
"""

import zlib
from dataclasses import replace
from io import BytesIO

import numpy as np
from PIL import Image, TiffImagePlugin

from dlcli.imaging.formats.metadata import Metadata

_ROWS = 64  # of a strip
_RGB, _DEFLATE, _DIFFERENCES, _UNSIGNED = 2, 8, 2, 1
_ORIENTATION, _XMP, _ICC = 274, 700, 34675
_FOLDERS = (0x8769, 0x8825)  # EXIF, GPS
# What tells of the image, not of how its pixels are stored: description, maker, model, resolution, software, date,
# artist, host computer, rights, Windows' own title to subject
DESCRIBING = (270, 271, 272, 282, 283, 296, 305, 306, 315, 316, 33432, 40091, 40092, 40093, 40094, 40095)


def encode_tiff(pixels: np.ndarray, metadata: Metadata) -> bytes:
    """A whole file of RGB [H, W, 3], uint8 or uint16. metadata: what `fits_tiff` of it."""
    height, width, channels = pixels.shape
    little = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<"))
    strips = [_strip(little[top : top + _ROWS]) for top in range(0, height, _ROWS)]
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[TiffImagePlugin.IMAGEWIDTH], tags[TiffImagePlugin.IMAGELENGTH] = width, height
    tags[TiffImagePlugin.BITSPERSAMPLE] = (8 * pixels.itemsize,) * channels
    tags[TiffImagePlugin.COMPRESSION] = _DEFLATE
    tags[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] = _RGB
    tags[_ORIENTATION] = 1  # or some readers would believe XMP
    tags[TiffImagePlugin.SAMPLESPERPIXEL] = channels
    tags[TiffImagePlugin.ROWSPERSTRIP] = _ROWS
    tags[TiffImagePlugin.PLANAR_CONFIGURATION] = 1
    tags[TiffImagePlugin.PREDICTOR] = _DIFFERENCES
    tags[TiffImagePlugin.SAMPLEFORMAT] = (_UNSIGNED,) * channels
    starts = np.cumsum([0, *map(len, strips)])[:-1]  # from the end of the directory, where Pillow counts from
    tags[TiffImagePlugin.STRIPOFFSETS] = tuple(map(int, starts))
    tags[TiffImagePlugin.STRIPBYTECOUNTS] = tuple(map(len, strips))
    _describe(tags, metadata)
    buffer = BytesIO()
    tags.save(buffer)
    return buffer.getvalue() + b"".join(strips)


def fits_tiff(metadata: Metadata) -> Metadata:
    """Without an EXIF block whose values Pillow cannot write into a directory."""
    try:
        scratch = TiffImagePlugin.ImageFileDirectory_v2()
        _describe(scratch, metadata)
        scratch.tobytes()
    except Exception:  # a value of a wrong type or range raises anything
        return replace(metadata, exif=b"")
    return metadata


def exif_of_tiff(found: Image.Exif) -> bytes:
    """What a TIFF's directory tells of the image, as an EXIF block; b"" where it tells nothing."""
    kept = Image.Exif()
    for tag in DESCRIBING:
        if tag in found:
            kept[tag] = found[tag]
    for folder in _FOLDERS:
        values = found.get_ifd(folder)
        if values:
            kept.get_ifd(folder).update(values)
    return kept.tobytes().removeprefix(b"Exif\0\0") if len(kept) or any(kept.get_ifd(f) for f in _FOLDERS) else b""


def _strip(rows: np.ndarray) -> bytes:
    """Each sample as the difference to its left neighbor's, deflated."""
    different = rows.copy()
    different[:, 1:] -= rows[:, :-1]
    return zlib.compress(different.tobytes(), 6)


def _describe(tags: TiffImagePlugin.ImageFileDirectory_v2, metadata: Metadata) -> None:
    if metadata.exif:
        exif = Image.Exif()
        exif.load(metadata.exif)
        for tag in DESCRIBING:
            if tag in exif:
                tags[tag] = exif[tag]
        for folder in _FOLDERS:
            values = exif.get_ifd(folder)
            if values:
                tags[folder] = dict(values)
    for tag, data in ((_XMP, metadata.xmp), (_ICC, metadata.icc)):
        if data:
            tags[tag] = data
            tags.tagtype[tag] = 1 if tag == _XMP else 7
