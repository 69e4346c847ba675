"""What a PNG's chunks tell beside its pixels, wherever they stand: EXIF and XMP, also as ImageMagick hides them.

Layout: RFC 2083, section 3; eXIf in the third edition. ImageMagick writes profiles as text, "Raw profile type exif":
a line with the kind, one with the count of bytes, and those in hexadecimal.
"""

import zlib
from collections.abc import Iterator

from dlcli.imaging.formats.metadata import Metadata

_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
_TELLING = {b"eXIf", *_TEXTS}
_COLOR = {b"cICP", b"iCCP", b"sRGB", b"gAMA", b"cHRM"}
_XMP_KEY, _RAW_PROFILE = b"XML:com.adobe.xmp", b"Raw profile type "
_EXIF_MARK, _XMP_MARK = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"  # before a profile of the kind APP1
_MOST_METADATA = 16 << 20  # bytes


def png_metadata(data: bytes) -> Metadata:
    """Of a whole PNG, its profile excepted; of several chunks the first counts, and eXIf goes before a raw profile."""
    found: dict[str, bytes] = {}
    raw: dict[str, bytes] = {}
    for name, body in _chunks(data):
        key, _, rest = body.partition(b"\0")
        if name == b"eXIf":
            found.setdefault("exif", body.removeprefix(_EXIF_MARK))
        elif name == b"iTXt" and key == _XMP_KEY:
            found.setdefault("xmp", _text(name, rest))
        elif key.startswith(_RAW_PROFILE):
            for kind, profile in _raw_profile(key[len(_RAW_PROFILE) :].lower(), _text(name, rest)):
                raw.setdefault(kind, profile)
    return Metadata(**(raw | {kind: body for kind, body in found.items() if body}))


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


def color_chunks(data: bytes) -> dict[bytes, bytes]:
    """Those that say which colors the samples are, by name; they stand before the pixels, and the first counts."""
    found: dict[bytes, bytes] = {}
    for name, body in _chunks(data, _COLOR):
        if name == b"IDAT":
            break
        if name in _COLOR:
            found.setdefault(name, body)
    return found


def _chunks(data: bytes, telling: set[bytes] = _TELLING) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        name = data[at + 4 : at + 8]
        yield name, data[at + 8 : at + 8 + length] if name in telling else b""
        at += 12 + length


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
