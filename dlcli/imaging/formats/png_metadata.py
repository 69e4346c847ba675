"""What a PNG's chunks tell beside its pixels, wherever they stand, and EXIF, XMP, IPTC as ImageMagick hides them.

Layout: RFC 2083, section 3; eXIf in the third edition. ImageMagick writes profiles as text, "Raw profile type exif":
a line with the kind, one with the count of bytes, and those in hexadecimal.
"""

import zlib
from collections.abc import Iterator
from typing import Any

from dlcli.imaging.file_bytes import Bytes
from dlcli.imaging.formats.jpeg_extras import photoshop_iptc
from dlcli.imaging.formats.metadata import Metadata

_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
_TELLING = {b"eXIf", b"pHYs", *_TEXTS}
_COLOR = {b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"}
_XMP_KEY, _RAW_PROFILE = b"XML:com.adobe.xmp", b"Raw profile type "
_EXIF_MARK, _XMP_MARK = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"  # before a profile of the kind APP1
METER = 0.0254  # meters an inch
_MOST_METADATA = 16 << 20  # bytes


def png_metadata(data: Bytes) -> Metadata:
    """Of a whole PNG, its profile excepted; of several chunks the first counts, and eXIf goes before a raw profile.

    Texts stand in Metadata as the chunks that they are.
    """
    found: dict[str, Any] = {}
    raw: dict[str, bytes] = {}
    texts = b""
    for name, body in _chunks(data):
        key, _, rest = body.partition(b"\0")
        if name == b"eXIf":
            found.setdefault("exif", body.removeprefix(_EXIF_MARK))
        elif name == b"pHYs":
            found.setdefault("dpi", _dpi(body))
        elif name == b"iTXt" and key == _XMP_KEY:
            found.setdefault("xmp", _text(name, rest))
        elif key.startswith(_RAW_PROFILE):
            for kind, profile in _raw_profile(key[len(_RAW_PROFILE) :].lower(), _text(name, rest)):
                raw.setdefault(kind, profile)
        elif name in _TEXTS:
            texts += chunk(name, body)
    color = b"".join(chunk(name, body) for name, body in color_chunks(data).items())
    return Metadata(texts=texts, color=color, **(raw | {kind: body for kind, body in found.items() if body}))


def chunk(name: bytes, body: bytes) -> bytes:
    """With its length and its sum."""
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def _dpi(body: bytes) -> tuple[float, float] | tuple[()]:
    """Of pHYs, in pixels a meter where its unit says so."""
    if len(body) != 9 or body[8] != 1:
        return ()
    across, down = (round(int.from_bytes(body[at : at + 4], "big") * METER, 2) for at in (0, 4))
    return (across, down) if across and down else ()


def _raw_profile(kind: bytes, text: bytes) -> Iterator[tuple[str, bytes]]:
    """(field of Metadata, its bytes) of a profile written as text; nothing where it is no such or is damaged."""
    try:
        profile = bytes.fromhex(b"".join(text.split(b"\n")[3:]).decode())
    except ValueError:
        return
    if kind in (b"exif", b"app1") and profile.startswith(_EXIF_MARK):
        yield "exif", profile[len(_EXIF_MARK) :]
    elif kind in (b"xmp", b"app1") and profile.removeprefix(_XMP_MARK).lstrip().startswith(b"<"):
        yield "xmp", profile.removeprefix(_XMP_MARK)
    elif kind == b"iptc":
        yield "iptc", photoshop_iptc(profile)


def color_chunks(data: Bytes) -> dict[bytes, bytes]:
    """Those that say which colors the samples are, by name; they stand before the pixels, and the first counts."""
    found: dict[bytes, bytes] = {}
    for name, body in _chunks(data, _COLOR):
        if name == b"IDAT":
            break
        if name in _COLOR and (inflated(profile_of(body)) if name == b"iCCP" else body):
            found.setdefault(name, body)
    return found


def profile_of(body: bytes) -> bytes:
    """The compressed profile in an iCCP chunk, behind its name and method."""
    return body.partition(b"\0")[2][1:]


def _chunks(data: Bytes, telling: set[bytes] = _TELLING) -> Iterator[tuple[bytes, bytes]]:
    """(name, body) of each chunk; b"" for one that is not telling, or whose sum is wrong."""
    at = 8
    while at + 12 <= len(data):
        end = at + 8 + int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8]
        right = name in telling and zlib.crc32(data[at + 4 : end]) == int.from_bytes(data[end : end + 4], "big")
        yield name, data[at + 8 : end] if right else b""
        at = end + 4


def _text(name: bytes, body: bytes) -> bytes:
    """Of a text chunk behind its keyword. iTXt: flag, method, language, NUL, translated keyword, NUL, text."""
    if name == b"tEXt":
        return body
    if name == b"zTXt":
        return inflated(body[1:])
    parts = body[2:].split(b"\0", 2)
    if len(parts) < 3:
        return b""
    return inflated(parts[2]) if body[0] else parts[2]


def inflated(data: bytes) -> bytes:
    """Of a zlib stream; b"" where it is damaged or would be larger than any honest metadata."""
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(data, _MOST_METADATA)
    except zlib.error:
        return b""
    return plain if inflater.eof else b""
