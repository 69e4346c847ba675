"""Puts metadata into encoded JPEG and PNG files, as segments and chunks; pixels are not touched.

JPEG segments: ITU-T T.81, annex B; EXIF by CIPA DC-008, XMP by Adobe's part 3, profiles by ICC.1 annex B. PNG chunks:
RFC 2083 and the third edition (eXIf).
"""

import zlib
from dataclasses import replace

from dlcli.imaging.color.srgb import PROFILE as SRGB
from dlcli.imaging.formats.jpeg_extras import PHOTOSHOP_MARK, photoshop_block
from dlcli.imaging.formats.jpeg_header import EXIF_MARK, ICC_MARK, XMP_MARK
from dlcli.imaging.formats.metadata import Metadata
from dlcli.imaging.formats.png_metadata import METER, chunk

SEGMENT = 65533  # bytes that one JPEG segment holds
_FRAME = 13  # bytes around IPTC, at most
_PERCEPTUAL = b"\0"  # rendering intent


def fits_jpeg(metadata: Metadata) -> Metadata:
    """What a JPEG can hold: EXIF, XMP and IPTC have one segment each, a profile has 255."""
    exif = metadata.exif if len(EXIF_MARK) + len(metadata.exif) <= SEGMENT else b""
    xmp = metadata.xmp if len(XMP_MARK) + len(metadata.xmp) <= SEGMENT else b""
    icc = metadata.icc if len(_profile_parts(metadata.icc)) <= 255 else b""
    iptc = metadata.iptc if len(PHOTOSHOP_MARK) + len(metadata.iptc) + _FRAME <= SEGMENT else b""
    return replace(metadata.only("dpi"), exif=exif, xmp=xmp, icc=icc, iptc=iptc)


def into_jpeg(data: bytes, metadata: Metadata) -> bytes:
    """The JPEG with the metadata that `fits_jpeg`, after its JFIF segment."""
    parts = _profile_parts(metadata.icc)
    segments = [_segment(0xE1, EXIF_MARK + metadata.exif)] if metadata.exif else []
    segments += [_segment(0xE1, XMP_MARK + metadata.xmp)] if metadata.xmp else []
    segments += [_segment(0xE2, ICC_MARK + bytes([i + 1, len(parts)]) + part) for i, part in enumerate(parts)]
    segments += [_segment(0xED, PHOTOSHOP_MARK + photoshop_block(metadata.iptc))] if metadata.iptc else []
    jfif = data[2:4] == b"\xff\xe0"
    at = 4 + int.from_bytes(data[4:6], "big") if jfif else 2
    head = data[:at]
    if jfif and metadata.dpi:
        head = head[:13] + b"\1" + b"".join(_short(value) for value in metadata.dpi) + head[18:]
    return head + b"".join(segments) + data[at:]


def into_png(data: bytes, metadata: Metadata) -> bytes:
    """The PNG with the metadata after its header chunk; that it is sRGB has a word of its own there."""
    chunks = [metadata.color] if metadata.color else []
    if metadata.icc == SRGB:
        chunks = [chunk(b"sRGB", _PERCEPTUAL)]
    elif metadata.icc and not metadata.color:
        chunks = [chunk(b"iCCP", b"ICC Profile\0\0" + zlib.compress(metadata.icc))]
    if metadata.dpi:
        chunks.append(chunk(b"pHYs", b"".join(round(v / METER).to_bytes(4, "big") for v in metadata.dpi) + b"\1"))
    if metadata.exif:
        chunks.append(chunk(b"eXIf", metadata.exif))
    if metadata.xmp:
        chunks.append(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + metadata.xmp))
    chunks.append(metadata.texts)
    at = 8 + 12 + 13
    return data[:at] + b"".join(chunks) + data[at:]


def _profile_parts(icc: bytes) -> list[bytes]:
    room = SEGMENT - len(ICC_MARK) - 2
    return [icc[at : at + room] for at in range(0, len(icc), room)]


def _segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(body) + 2).to_bytes(2, "big") + body


def _short(value: float) -> bytes:
    return min(65_535, max(1, round(value))).to_bytes(2, "big")
