"""What a TIFF's first directory tells beside its pixels, whether or not Pillow can open the file."""

import re
from io import BytesIO

from PIL import Image

from dlcli.imaging.file_bytes import Bytes
from dlcli.imaging.formats.jpeg_extras import photoshop_iptc
from dlcli.imaging.formats.metadata import Metadata
from dlcli.imaging.formats.orientation import orientation_of
from dlcli.imaging.formats.tiff.directory import ORIENTATION, first_directory, tag_bytes, tags_at
from dlcli.imaging.formats.tiff_file import DESCRIBING, GEO, exif_of_tiff

XMP, ICC, IPTC, _PHOTOSHOP = 700, 34675, 33723, 34377
_DESCRIPTION, _RESOLUTION, _UNIT = 270, (282, 283), 296
_TELLING = {*DESCRIBING, *GEO, 0x8769, 0x8825}  # also the folders of EXIF and GPS
_LAYOUTS = {
    "ImageJ": re.compile(r"^ImageJ="),
    "OME": re.compile(r"<(\w+:)?OME\b"),
    "shaped": re.compile(r'^\s*(\{.*"shape":|shape=\()', re.DOTALL),
    "ScanImage": re.compile(r"^(state\.|scanimage\.|SI\.)"),
    "MicroManager": re.compile(r'^\s*\{.*"(UUID|PixelType|Prefix)":', re.DOTALL),
}


def tiff_metadata(data: bytes) -> Metadata:
    """Of a file that has been read."""
    exif = _loaded(data)
    layout = _layout_named(exif.get(_DESCRIPTION))
    lost = (f"a description of another layout ({layout})",) if layout else ()
    if layout:
        del exif[_DESCRIPTION]
    if not len(exif) and _tells(data):
        lost = ("what its TIFF tags tell, such as description, resolution and GeoTIFF, which could not be read",)
    return Metadata(
        _block(exif),
        tag_bytes(data, XMP),
        tag_bytes(data, ICC),
        tag_bytes(data, IPTC) or photoshop_iptc(tag_bytes(data, _PHOTOSHOP)),
        _dpi(exif),
        geo=tuple((tag, exif[tag]) for tag in GEO if tag in exif),
        never_kept=lost,
    )


def _tells(data: bytes) -> bool:
    """Whether the first directory has tags that should have gone along."""
    return not _TELLING.isdisjoint(tags_at(data, first_directory(data), whole=False))


def _loaded(data: bytes) -> Image.Exif:
    """The tags of the first directory; none where Pillow cannot read them."""
    try:
        return Image.open(BytesIO(data), formats=["TIFF"]).getexif()  # left open: its folders are read later
    except Exception:  # a kind of image that it does not open, or a value of a wrong type or range
        pass
    exif = Image.Exif()
    try:
        exif.load_from_fp(BytesIO(data))  # type: ignore[no-untyped-call]
    except Exception:  # a BigTIFF, or damaged
        return Image.Exif()
    return exif


def _block(exif: Image.Exif) -> bytes:
    """b"" where a value is of a wrong type or range."""
    try:
        return exif_of_tiff(exif)
    except Exception:
        return b""


def _layout_named(description: object) -> str:
    """The program whose description tells how the pages or samples of its own file lie; "" for any other text."""
    text = description if isinstance(description, str) else ""
    return next((name for name, pattern in _LAYOUTS.items() if pattern.search(text)), "")


def _dpi(exif: Image.Exif) -> tuple[float, float] | tuple[()]:
    factor = {2: 1.0, 3: 2.54}.get(exif.get(_UNIT, 2), 0)
    try:
        across, down = (round(float(exif[tag]) * factor, 2) for tag in _RESOLUTION)
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return ()
    return (across, down) if across > 0 and down > 0 else ()


def tiff_orientation(data: Bytes) -> int:
    """1 to 8, by the tag or else by XMP; IndexError, ValueError: there is no directory."""
    value = (tags_at(data, first_directory(data)).get(ORIENTATION) or [0])[0]
    return value if 1 <= value <= 8 else orientation_of(b"", tag_bytes(data, XMP))
