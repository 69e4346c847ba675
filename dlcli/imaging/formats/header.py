"""What an image's header tells of the memory that reading it takes: size, kind, and what its metadata and blocks add.

Nothing is decompressed, and what is read of the file does not grow with it: other than Pillow, which on opening reads
tags, profiles and texts, and all of a WebP file.
"""

import io
from typing import IO, cast

from dlcli.frozen import dataclass
from dlcli.imaging.file_bytes import Bytes
from dlcli.imaging.formats.jpeg_header import ends_whole, header_junk, read_jpeg_header, zero_tail
from dlcli.imaging.formats.png_check import png_chunks
from dlcli.imaging.formats.sniff import HEAD, format_of
from dlcli.imaging.formats.tiff.header import CMYK, PALETTE, read_tiff_header

TEXT, ALL_TEXTS = 1 << 20, 64 << 20  # bytes: what Pillow inflates a chunk to at most, and all of a file together
INFLATION = 1032  # of zlib, at most
COPIES = 4  # of metadata: as read, put together, parsed, handed on
WEBP_COPIES = 3  # of the file, whose decoder wants all of it at once
BLOCKS = 3  # decoded at once: as unpacked, copied, summed up
EACH_BLOCK = 500  # bytes of Pillow's list of strips or tiles
OPENED = 8 << 20  # bytes that Pillow may read of a file to open it
_COMPRESSED = {b"zTXt", b"iTXt", b"iCCP"}
_SHORT, _FEW = 16, 4  # bits; samples of a pixel that are read at most, half as many of gray
_ALPHA, _METADATA = 0x10, 0x2C  # flags of VP8X: transparency; ICC, EXIF, XMP


@dataclass(frozen=True)
class Header:
    """kind: a key of imaging.footprint.READ. extra: bytes beside those of the pixels and of the file.

    largest: pixels of the image, or of a tile that is larger. later: bytes of `extra` that are for the pages behind the
    first.
    """

    width: int
    height: int
    kind: str
    extra: int = 0
    largest: int = 0
    later: int = 0

    @property
    def pixels(self) -> int:
        return max(self.width * self.height, self.largest)


def read_header(data: Bytes) -> Header | None:
    """None: no decoder will find a size in it."""
    name = format_of(data[:HEAD])
    if name == "JPEG":
        return _jpeg(data)
    if name == "PNG":
        return _png(data)
    if name == "TIFF":
        return tiff_header(data)
    if name == "WEBP":
        return _webp(data)
    return _opened(data, name) if name else None


def _jpeg(data: Bytes) -> Header | None:
    """One that is cut off, or has other bytes behind its end, is decoded by Pillow, which takes more."""
    header = read_jpeg_header(data)
    copied = len(data) if zero_tail(data) > 1 or header_junk(data) else 0
    if header is None:
        found = _opened(data, "JPEG")
        return found and Header(found.width, found.height, "rgb", copied)
    if not (header.plain and ends_whole(data)):
        return Header(header.width, header.height, "rgb", copied)
    return Header(header.width, header.height, "progressive" if header.several_scans else "jpeg")


def _png(data: Bytes) -> Header | None:
    head = data[8:33]
    if len(head) < 25 or head[4:8] != b"IHDR":
        return None
    bits, color = head[16], head[17]
    alpha, metadata, texts = color in (4, 6), 0, 0
    for name, length in png_chunks(data):
        alpha |= name == b"tRNS"
        metadata += 0 if name == b"IDAT" else length
        texts += min(TEXT, INFLATION * length) if name in _COMPRESSED else 0
    kind = _kind(alpha, bits == 16, gray=color in (0, 3, 4))
    return Header(
        int.from_bytes(head[8:12], "big"),
        int.from_bytes(head[12:16], "big"),
        kind,
        COPIES * metadata + min(texts, ALL_TEXTS + TEXT),
    )


def tiff_header(data: Bytes, at: int | None = None) -> Header | None:
    """at: where the directory of the page begins; None: of the first."""
    found = read_tiff_header(data, at)
    if found is None:
        return None
    gray = found.photometric in (0, 1, PALETTE)
    alpha = found.alpha and found.photometric not in (PALETTE, CMYK)
    extra = BLOCKS * found.block + COPIES * found.tags + EACH_BLOCK * found.blocks + len(data)
    kind = _kind(alpha, found.bits > 8, gray)
    if found.bits > _SHORT:  # the numbers themselves, and those that --range looks through
        extra += 2 * found.bits // 8 * found.width * found.height * (_FEW if not gray else _FEW // 2)
    return Header(found.width, found.height, kind, extra, found.tile[0] * found.tile[1])


def _webp(data: Bytes) -> Header | None:
    head, copied = data[12:42], WEBP_COPIES * len(data)
    if head[:4] == b"VP8X" and len(head) >= 18:
        width, height = (1 + int.from_bytes(head[at : at + 3], "little") for at in (12, 15))
        copied += COPIES * len(data) if head[8] & _METADATA else 0
        return Header(width, height, "webp-alpha" if head[8] & _ALPHA else "webp", copied)
    if head[:4] == b"VP8L" and len(head) >= 13:
        bits = int.from_bytes(head[9:13], "little")
        kind = "webp-alpha" if bits >> 28 & 1 else "webp"
        return Header(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), kind, copied)
    if head[:4] == b"VP8 " and len(head) >= 18:
        width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (14, 16))
        return Header(width, height, "webp", copied)
    return None


def _opened(data: Bytes, name: str) -> Header | None:
    """By Pillow, which for these formats reads little; a file of which it would read more has no header."""
    from PIL import Image

    from dlcli.imaging.formats.decode_pillow import TRANSPARENT

    try:
        with Image.open(cast(IO[bytes], Reader(data)), formats=[name]) as image:
            alpha = image.mode in TRANSPARENT or "transparency" in image.info
            return Header(*image.size, _kind(alpha, False, gray=image.mode in ("1", "L", "P")))
    except Exception:  # Pillow raises nearly anything on a bad header; the decoder will say what is wrong
        return None


def _kind(alpha: bool, deep: bool, gray: bool) -> str:
    if alpha:
        return "alpha16" if deep else "alpha"
    if deep:
        return "gray16" if gray else "rgb16"
    return "gray" if gray else "rgb"


class Reader(io.RawIOBase):
    """The bytes as a file, of which only so many can be read."""

    def __init__(self, data: Bytes, most: int = OPENED):
        self.data, self.at, self.left = data, 0, most

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.at = max(0, offset + (0, self.at, len(self.data))[whence])
        return self.at

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        found = self.data[self.at : self.at + len(buffer)]
        self.left -= len(found)
        if self.left < 0:
            raise OSError("its header is too long")
        memoryview(buffer)[: len(found)] = found
        self.at += len(found)
        return len(found)
