"""The metadata of a file that Pillow has opened, and the orientation by it: the reader and the writer see the same."""

from dataclasses import replace

from PIL import Image

from dlcli.imaging.color.stored import png_profile
from dlcli.imaging.formats.metadata import Metadata
from dlcli.imaging.formats.orientation import orientation_of
from dlcli.imaging.formats.png_metadata import png_metadata

_ORIENTATION_TAG = 0x0112


def stored_metadata(image: Image.Image, data: bytes, name: str) -> Metadata:
    """data: all of a PNG; of other formats it is not looked at. For TIFF see tiff/metadata.py."""
    if name == "PNG":
        return replace(png_metadata(data), icc=png_profile(data))
    info = image.info
    exif = info.get("exif") or b""
    xmp = info.get("xmp") or b""
    xmp = xmp.encode() if isinstance(xmp, str) else bytes(xmp)
    dpi = tuple(round(float(v), 2) for v in info.get("dpi", ())) if name == "BMP" else ()
    icc = info.get("icc_profile") or b""
    return Metadata(exif.removeprefix(b"Exif\0\0"), xmp, icc, dpi=dpi if len(dpi) == 2 and all(dpi) else ())


def stored_orientation(image: Image.Image, data: bytes, name: str) -> int:
    """1 to 8. Of a TIFF as Pillow sees it, which turns those while it loads them."""
    if name == "TIFF":
        value = image.getexif().get(_ORIENTATION_TAG, 1)
        return value if isinstance(value, int) and 1 <= value <= 8 else 1
    found = png_metadata(data) if name == "PNG" else stored_metadata(image, data, name)
    return orientation_of(found.exif, found.xmp)
