"""Reads a JPEG's markers up to the first scan: size, layout and orientation, in microseconds and without pixels.

Marker layout: ITU-T T.81, annex B. EXIF: the APP1 segment of the JEITA/CIPA standard.
"""

import re
from collections.abc import Iterator

from dlcli.frozen import dataclass
from dlcli.imaging.file_bytes import Bytes
from dlcli.imaging.formats.orientation import orientation_of

_FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive: the ones libjpeg decodes in the plain way
_OTHER_FRAMES = {0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_LOSSLESS, _HIERARCHICAL, _BITS = {0xC3, 0xCB}, {0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF}, 8
_JPEG_LS = 0xF7
_START_OF_SCAN, _APP1, _APP2, _APP14 = 0xDA, 0xE1, 0xE2, 0xEE
EXIF_MARK, XMP_MARK, ICC_MARK = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"ICC_PROFILE\0"
_ANY_EXIF_MARK = EXIF_MARK[:5]  # some cameras write another byte behind it
_END_OF_IMAGE = b"\xff\xd9"
_LOOK_BACK = 1 << 16  # bytes
_FIRST = 2  # where the first segment stands, after the start-of-image marker
_MOST_JUNK = 1 << 16  # bytes between two segments
_MARKER = re.compile(rb"\xff[\xc0-\xcf\xda-\xfe]")  # of a segment with a length


@dataclass(frozen=True)
class JpegHeader:
    """plain: 8 bits a sample, gray or three components, Huffman coded. orientation: 1 to 8, see `orientation_of`.

    several_scans: a decoder has to keep the coefficients of all the image until the last one.
    """

    width: int
    height: int
    plain: bool
    orientation: int
    components: int = 3
    several_scans: bool = False


def read_jpeg_header(data: Bytes) -> JpegHeader | None:
    """The header, or None where the markers do not lead to a frame and a scan (cut off, damaged, not a JPEG)."""
    frame: tuple[int, int, bool] | None = None
    exif = xmp = b""
    components, progressive = 0, False
    for marker, body in segments(data):
        if marker == _START_OF_SCAN:
            several = progressive or not body or body[0] < components
            return JpegHeader(*frame, orientation_of(exif, xmp), components, several) if frame else None
        if marker in _FRAMES or marker in _OTHER_FRAMES:
            frame = _read_frame(marker, body)
            components, progressive = body[5] if len(body) > 5 else 0, marker in _PROGRESSIVE
        elif marker == _APP1:
            exif, xmp = exif or _exif(body), xmp or _xmp(body)
    return None


def foreign_kind(data: Bytes) -> str:
    """Why a whole JPEG is none that is read here, to complete "it is a JPEG ..."; "" for one that is."""
    for marker, body in segments(data):
        if marker == _JPEG_LS:
            return "of the JPEG-LS kind"
        if (marker not in _FRAMES and marker not in _OTHER_FRAMES) or len(body) < 6:
            continue
        if marker in _LOSSLESS:
            return "of the lossless kind"
        if marker in _HIERARCHICAL:
            return "of the hierarchical kind"
        if body[0] != _BITS:
            return f"of {body[0]} bits a sample"
        if not any(body[1:3]):
            return "whose height stands behind its pixels (DNL)"
    return ""


def has_unmarked_inks(data: Bytes) -> bool:
    """Whether a JPEG has four components and no segment of Adobe's, which says what the most ink is: 0 or 255."""
    inks = False
    for marker, body in segments(data):
        if marker == _APP14 and body.startswith(b"Adobe"):
            return False
        inks |= (marker in _FRAMES or marker in _OTHER_FRAMES) and len(body) > 5 and body[5] == len("CMYK")
        if marker == _START_OF_SCAN:
            return inks
    return False


def zero_tail(data: Bytes) -> int:
    """How many zeros the data ends with."""
    end = len(data)
    while end > 0:
        start = max(0, end - _LOOK_BACK)
        block = data[start:end]
        if block != bytes(end - start):
            return len(data) - start - len(block.rstrip(b"\0"))
        end = start
    return len(data)


def ends_whole(data: Bytes) -> bool:
    """Whether the end marker is the last that the data holds, but for zeros."""
    end = len(data) - zero_tail(data)
    return data[max(0, end - 2) : end] == _END_OF_IMAGE


def jpeg_metadata(data: bytes) -> tuple[bytes, bytes, bytes, int]:
    """(EXIF block, XMP packet, color profile, components) before the first scan; b"" for what is absent.

    Of several EXIF blocks or XMP packets the first counts. A profile in several segments is put together in the order
    of their numbers (ICC.1:2022, B.4).
    """
    exif = xmp = b""
    parts: dict[int, bytes] = {}
    components = 0
    for marker, body in segments(data):
        if marker == _START_OF_SCAN:
            break
        if marker == _APP1:
            exif, xmp = exif or _exif(body), xmp or _xmp(body)
        elif marker == _APP2 and body.startswith(ICC_MARK) and len(body) > len(ICC_MARK) + 2:
            parts[body[len(ICC_MARK)]] = body[len(ICC_MARK) + 2 :]
        elif marker in _FRAMES or marker in _OTHER_FRAMES:
            components = body[5] if len(body) > 5 else 0
    return exif, xmp, b"".join(parts[number] for number in sorted(parts)), components


def header_junk(data: Bytes) -> list[tuple[int, int]]:
    """(start, end) of the bytes between the segments before the first scan that belong to none of them."""
    junk, at = [], _FIRST
    for marker, body, start in _placed_segments(data):
        if data[at:start].strip(b"\xff"):  # others are fill bytes
            junk.append((at, start))
        if marker == _START_OF_SCAN:
            return junk
        at = start + 4 + len(body)
    return []  # no scan: the file is cut off or damaged


def segments(data: Bytes) -> Iterator[tuple[int, bytes]]:
    """(marker, body) up to where the markers end or break off."""
    return ((marker, body) for marker, body, _ in _placed_segments(data))


def _placed_segments(data: Bytes) -> Iterator[tuple[int, bytes, int]]:
    """(marker, body, where its marker stands); bytes between segments are passed over, as libjpeg does it."""
    at = _FIRST
    while at + 4 <= len(data):
        if data[at : at + 2] == b"\xff\xff":  # a fill byte
            at += 1
            continue
        if data[at] != 0xFF or data[at + 1] == 0:
            found = _MARKER.search(data[at : at + _MOST_JUNK])
            if found is None:
                return
            at += found.start()
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        body = data[at + 4 : at + 2 + length]
        if length < 2 or len(body) != length - 2:
            return
        yield data[at + 1], body, at
        at += 2 + length


def _exif(body: bytes) -> bytes:
    return body[len(EXIF_MARK) :] if body.startswith(_ANY_EXIF_MARK) else b""


def _xmp(body: bytes) -> bytes:
    return body[len(XMP_MARK) :] if body.startswith(XMP_MARK) else b""


def _read_frame(marker: int, body: bytes) -> tuple[int, int, bool] | None:
    if len(body) < 6:
        return None
    precision, components = body[0], body[5]
    height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    plain = marker in _FRAMES and precision == 8 and components in (1, 3)
    return (width, height, plain) if width and height else None
