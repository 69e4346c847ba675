"""Which way up an image is, by its EXIF block or else its XMP packet: one answer to reader and writer."""

import re

from dlcli.imaging.formats.exif_block import orientation_in

_XMP = re.compile(rb"""(tiff:Orientation(?:\s*=\s*["']|>)\s*)([1-8])(?![0-9])""")


def orientation_of(exif: bytes, xmp: bytes) -> int:
    """1 to 8; 1 where neither says. EXIF goes before XMP (Metadata Working Group, guidelines 2.0)."""
    found = orientation_in(exif)
    if found is None:
        match = _XMP.search(xmp)
        found = int(match[2]) if match else 1
    return found


def upright_xmp(xmp: bytes) -> bytes:
    """The packet of pixels that have been turned: every orientation in it is 1."""
    return _XMP.sub(rb"\g<1>1", xmp)
