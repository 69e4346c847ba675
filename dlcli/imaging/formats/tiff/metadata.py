"""What a TIFF's first directory tells beside its pixels, whether or not Pillow can open the file."""

from io import BytesIO

from PIL import Image

from dlcli.imaging.formats.metadata import Metadata
from dlcli.imaging.formats.orientation import orientation_of
from dlcli.imaging.formats.tiff.directory import ORIENTATION, first_directory, tag_bytes, tags_at
from dlcli.imaging.formats.tiff_file import exif_of_tiff

XMP, ICC = 700, 34675


def tiff_metadata(data: bytes) -> Metadata:
    """Of a file that has been read."""
    exif = Image.Exif()
    exif.load_from_fp(BytesIO(data))  # type: ignore[no-untyped-call]
    return Metadata(exif_of_tiff(exif), tag_bytes(data, XMP), tag_bytes(data, ICC))


def tiff_orientation(data: bytes) -> int:
    """1 to 8, by the tag or else by XMP; IndexError, ValueError: there is no directory."""
    value = (tags_at(data, first_directory(data)).get(ORIENTATION) or [0])[0]
    return value if 1 <= value <= 8 else orientation_of(b"", tag_bytes(data, XMP))
