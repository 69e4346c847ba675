"""What kind of file an image comes in: format, depth, transparency, frames, metadata; read without its pixels."""

from dataclasses import field
from io import BytesIO
from typing import BinaryIO

from PIL import Image

from dlcli.frozen import dataclass
from dlcli.imaging.fault import Fault
from dlcli.imaging.formats.camera_raw import is_raw_tiff
from dlcli.imaging.formats.decode_pillow import TRANSPARENT
from dlcli.imaging.formats.decode_png import readable_png
from dlcli.imaging.formats.heif import register
from dlcli.imaging.formats.jpeg_extras import jpeg_extras
from dlcli.imaging.formats.jpeg_header import jpeg_metadata
from dlcli.imaging.formats.metadata import Metadata
from dlcli.imaging.formats.png_check import png_bit_depth
from dlcli.imaging.formats.sniff import HEAD, format_of
from dlcli.imaging.formats.stored_metadata import stored_metadata
from dlcli.imaging.formats.tiff.kinds import page_count
from dlcli.imaging.formats.tiff.layout import BASE, BLACK_IS_ZERO, CMYK, PALETTE, WHITE_IS_ZERO, read_layout
from dlcli.imaging.formats.tiff.metadata import tiff_metadata
from dlcli.records import Source

_GRAY, _PALETTE = {"1", "L", "LA", "La", "I", "I;16", "I;16B"}, {"P", "PA"}  # Pillow's modes
_RAW_BITS = 8  # as which a camera raw file is developed


@dataclass(frozen=True)
class ImageInfo:
    """format: Pillow's name of what the bytes are. bits: a sample. frames: also pages of a TIFF.

    gray: it has one channel, transparency aside. palette: its pixels are numbers of colors.
    """

    format: str
    bits: int = 8
    cmyk: bool = False
    alpha: bool = False
    frames: int = 1
    gray: bool = False
    palette: bool = False
    metadata: Metadata = field(default_factory=Metadata)


def read_image_info(source: Source) -> ImageInfo:
    """Of a file that `read_image` has read. OSError where it has gone or changed since.

    A frame of a video has none.
    """
    if source.frame is not None:
        return ImageInfo("video")
    with _open(source) as file:
        name = format_of(file.read(HEAD))
        file.seek(0)
        if name is None:
            raise OSError("the file has changed since it was read")
        if name == "JPEG":
            return _of_jpeg(file.read())
        if name == "TIFF":
            return _of_tiff(file.read())
        if name == "RAW":
            return ImageInfo("RAW", _RAW_BITS)
        if name in ("HEIF", "AVIF") and not register(name):
            raise OSError("what reads it is not installed any more")
        if name == "PNG":
            data = file.read()
            return _of_image(BytesIO(readable_png(data)[0]), data, name)
        return _of_image(file, file.read(HEAD), name)


def _of_image(file: BinaryIO, data: bytes, name: str) -> ImageInfo:
    """data: the file's, its first bytes at least."""
    with Image.open(file, formats=[name]) as image:
        alpha = image.mode in TRANSPARENT or "transparency" in image.info
        bits = png_bit_depth(data) if name == "PNG" else 1 if image.mode == "1" else 8
        gray, palette = image.mode in _GRAY, image.mode in _PALETTE
        metadata = stored_metadata(image, data, name)
        return ImageInfo(name, bits, image.mode == "CMYK", alpha, _frames(image), gray, palette, metadata)


def _of_tiff(data: bytes) -> ImageInfo:
    """By its tags alone: Pillow opens fewer kinds than are read."""
    if is_raw_tiff(data):
        return ImageInfo("RAW", _RAW_BITS)
    try:
        layout = read_layout(data)
    except Fault as fault:
        raise OSError(fault.reason) from fault
    alpha = layout.photometric in BASE and layout.alpha is not None
    frames = max(1, page_count(data))
    gray, palette = layout.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO), layout.photometric == PALETTE
    cmyk = layout.photometric == CMYK
    return ImageInfo("TIFF", layout.bits, cmyk, alpha, frames, gray, palette, tiff_metadata(data))


def _of_jpeg(data: bytes) -> ImageInfo:
    """One frame: a second image in a JPEG is the camera's preview, or a depth map."""
    exif, xmp, icc, components = jpeg_metadata(data)
    dpi, iptc, lost = jpeg_extras(data)
    metadata = Metadata(exif, xmp, icc, iptc, dpi, never_kept=lost)
    return ImageInfo("JPEG", cmyk=components == 4, gray=components == 1, metadata=metadata)


def _open(source: Source) -> BinaryIO:
    return BytesIO(source.content) if source.path is None else open(source.path, "rb")


def _frames(image: Image.Image) -> int:
    try:
        return int(getattr(image, "n_frames", 1))
    except Exception:  # a later frame is damaged, which Pillow tells in many ways; the first was read
        return 2
