"""The size that `read_image` will give an image, by the headers that it goes by; only camera raw is decoded for it."""

import io
import os
from pathlib import Path
from typing import IO, cast

from PIL import Image

from dlcli.errors import ImageError
from dlcli.imaging.fault import Fault
from dlcli.imaging.file_bytes import Bytes, FileBytes
from dlcli.imaging.formats.camera_raw import is_raw_tiff
from dlcli.imaging.formats.decode_pillow import pillow_faults
from dlcli.imaging.formats.heif import register
from dlcli.imaging.formats.jpeg_header import read_jpeg_header
from dlcli.imaging.formats.orientation import orientation_of
from dlcli.imaging.formats.png_metadata import png_metadata
from dlcli.imaging.formats.sniff import HEAD, describe, format_of
from dlcli.imaging.formats.stored_metadata import stored_orientation
from dlcli.imaging.formats.tiff.header import read_tiff_header
from dlcli.imaging.formats.tiff.metadata import tiff_orientation
from dlcli.imaging.reader import read_image
from dlcli.records import Source

TURNED = (5, 6, 7, 8)  # orientations that swap width and height
_USUAL = 1 << 15  # bytes in which the header of most JPEG files ends
Sides = tuple[int, int, int]  # width and height as stored, orientation


def upright_size(path: Path) -> tuple[int, int]:
    """(width, height), swapped where its orientation says that it lies on its side. ImageError, OSError."""
    width, height, orientation = stored_sides(path)
    return (height, width) if orientation in TURNED else (width, height)


def stored_sides(path: Path) -> Sides:
    """(width, height, orientation) as `read_image` finds them. Errors as of `upright_size`."""
    with open(path, "rb", buffering=0) as file:
        try:
            return _sides(file, path)
        except Fault as fault:
            raise ImageError(fault.kind, fault.sentence(str(path))) from fault


def _sides(file: io.FileIO, path: Path) -> Sides:
    data = FileBytes(file.fileno(), os.fstat(file.fileno()).st_size)
    name = format_of(data[:HEAD])
    if name is None or name == "JXL":
        raise Fault("not-a-picture", f"not an image that can be read: it is {describe(data[:HEAD])}")
    if name == "RAW" or (name == "TIFF" and is_raw_tiff(data)):
        image = read_image(Source.of_file(path))
        return image.width, image.height, 1
    found = {"JPEG": _of_jpeg, "PNG": _of_png, "TIFF": _of_tiff}.get(name, lambda _: None)(data)
    return found or _opened(file, path, name)


def _of_jpeg(data: Bytes) -> Sides | None:
    header = read_jpeg_header(data[:_USUAL]) or read_jpeg_header(data)
    return (header.width, header.height, header.orientation) if header else None


def _of_png(data: Bytes) -> Sides | None:
    head = data[8:24]
    if len(head) < 16 or head[4:8] != b"IHDR":
        return None
    found = png_metadata(data)
    width, height = (int.from_bytes(head[at : at + 4], "big") for at in (8, 12))
    return width, height, orientation_of(found.exif, found.xmp)


def _of_tiff(data: Bytes) -> Sides | None:
    header = read_tiff_header(data)
    return (header.width, header.height, tiff_orientation(data)) if header else None


def _opened(file: io.FileIO, path: Path, name: str) -> Sides:
    """By Pillow; also what has no header, for its words on that."""
    if name in ("HEIF", "AVIF") and not register(name):
        raise Fault("unsupported", f"not an image that can be read here, {name}")
    with pillow_faults(b"", name), Image.open(cast(IO[bytes], file), formats=[name]) as image:
        return *image.size, stored_orientation(image, path.read_bytes() if name == "PNG" else b"", name)
