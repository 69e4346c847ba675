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
_GRAY, _RGB, _PALETTE, _DEFLATE, _NONE, _DIFFERENCES, _UNSIGNED = 1, 2, 3, 8, 1, 2, 1
_ORIENTATION, _XMP, _ICC, _IPTC = 274, 700, 34675, 33723
_RESOLUTION, _UNIT, _INCH = (282, 283), 296, 2
_FOLDERS = (0x8769, 0x8825)  # EXIF, GPS
# What tells of the image, not of how its pixels are stored: description, maker, model, resolution, software, date,
# artist, host computer, rights, Windows' own title to subject
DESCRIBING = (270, 271, 272, 282, 283, 296, 305, 306, 315, 316, 33432, 40091, 40092, 40093, 40094, 40095)


# GeoTIFF (OGC 19-008r4): scale, tie points, transformation, keys; RPC; what GDAL adds. Tag: type of its values
GEO = {33550: 12, 33922: 12, 34264: 12, 34735: 3, 34736: 12, 34737: 2, 42112: 2, 42113: 2, 50844: 12}


def encode_tiff(pixels: np.ndarray, metadata: Metadata, palette: bytes = b"") -> bytes:
    """A whole file of RGB [H, W, 3] or gray [H, W], uint8 or uint16. metadata: what `fits_tiff` of it.

    palette: RGB of each of the numbers that uint8 [H, W] holds then.
    """
    height, width = pixels.shape[:2]
    pixels = pixels.reshape(height, width, -1)
    channels = pixels.shape[2]
    little = np.ascontiguousarray(pixels, pixels.dtype.newbyteorder("<"))
    strips = [_strip(little[top : top + _ROWS], not palette) for top in range(0, height, _ROWS)]
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags[TiffImagePlugin.IMAGEWIDTH], tags[TiffImagePlugin.IMAGELENGTH] = width, height
    tags[TiffImagePlugin.BITSPERSAMPLE] = (8 * pixels.itemsize,) * channels
    tags[TiffImagePlugin.COMPRESSION] = _DEFLATE
    tags[TiffImagePlugin.PHOTOMETRIC_INTERPRETATION] = _PALETTE if palette else _RGB if channels == 3 else _GRAY
    if palette:
        colors = np.zeros((256, 3), np.uint16)
        colors[: len(palette) // 3] = np.frombuffer(palette, np.uint8).reshape(-1, 3)
        tags[TiffImagePlugin.COLORMAP] = tuple(map(int, (colors.T * np.uint16(257)).ravel()))
    tags[_ORIENTATION] = 1  # or some readers would believe XMP
    tags[TiffImagePlugin.SAMPLESPERPIXEL] = channels
    tags[TiffImagePlugin.ROWSPERSTRIP] = _ROWS
    tags[TiffImagePlugin.PLANAR_CONFIGURATION] = 1
    tags[TiffImagePlugin.PREDICTOR] = _NONE if palette else _DIFFERENCES
    tags[TiffImagePlugin.SAMPLEFORMAT] = (_UNSIGNED,) * channels
    starts = np.cumsum([0, *map(len, strips)])[:-1]  # from the end of the directory, where Pillow counts from
    tags[TiffImagePlugin.STRIPOFFSETS] = tuple(map(int, starts))
    tags[TiffImagePlugin.STRIPBYTECOUNTS] = tuple(map(len, strips))
    _describe(tags, metadata)
    buffer = BytesIO()
    tags.save(buffer)
    return buffer.getvalue() + b"".join(strips)


def fits_tiff(metadata: Metadata) -> Metadata:
    """What a TIFF can hold: no EXIF block whose values Pillow cannot write into a directory."""
    metadata = metadata.only("exif", "xmp", "icc", "iptc", "dpi", "geo")
    try:
        scratch = TiffImagePlugin.ImageFileDirectory_v2()
        _describe(scratch, metadata)
        scratch.tobytes()
    except Exception:  # a value of a wrong type or range raises anything
        return replace(metadata, exif=b"", geo=())
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


def _strip(rows: np.ndarray, predicted: bool) -> bytes:
    """Deflated; predicted: each sample as the difference to its left neighbor's."""
    different = rows.copy()
    if predicted:
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
    if metadata.dpi and not any(tag in tags for tag in _RESOLUTION):
        for tag, value in zip(_RESOLUTION, metadata.dpi, strict=True):
            tags[tag] = value
        tags[_UNIT] = _INCH
    for tag, value in metadata.geo:
        tags[tag] = value
        tags.tagtype[tag] = GEO[tag]
    for tag, data in ((_XMP, metadata.xmp), (_ICC, metadata.icc), (_IPTC, metadata.iptc)):
        if data:
            tags[tag] = data
            tags.tagtype[tag] = 1 if tag == _XMP else 7
