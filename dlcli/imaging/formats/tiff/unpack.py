"""One strip or tile of a TIFF: its stored bytes to the bytes of its samples. Called by samples.py.

What zlib and lzma of Python do not know (LZW, PackBits, Zstandard) is unpacked by Pillow's libtiff, to which the block
is handed as a gray image of bytes: libtiff then sees no sample that it could take for something else.
"""

import lzma
import struct
import zlib
from io import BytesIO

from PIL import Image, features

from dlcli.imaging.fault import Fault
from dlcli.imaging.formats.tiff.layout import Layout

NONE, LZW, DEFLATE, ADOBE_DEFLATE, PACKBITS, LZMA, ZSTD = 1, 5, 32946, 8, 32773, 34925, 50000
_BY_LIBTIFF = {LZW, PACKBITS, ZSTD}
UNPACKED = {NONE, DEFLATE, ADOBE_DEFLATE, LZMA, *_BY_LIBTIFF}
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_SHORT, _LONG = 3, 4


def can_unpack(compression: int) -> bool:
    return compression in UNPACKED and (compression not in _BY_LIBTIFF or bool(features.check("libtiff")))


def unpack(data: bytes, layout: Layout, number: int, row: int, rows: int) -> bytes:
    """The first `rows` rows of `row` bytes of block `number`, which is in the file. Fault: it holds less, or damage."""
    offset, length = layout.blocks[number]
    stored = data[offset : offset + length]
    if layout.reversed_bits:
        stored = stored.translate(_REVERSED)
    plain = _unpacked(stored, layout.compression, row, rows)
    if len(plain) < row * rows and offset + length > len(data):
        raise Fault("truncated", f"TIFF data ends after {len(data):,} bytes, in block {number + 1:,}")
    if len(plain) < row * rows:
        raise Fault("damaged", f"its TIFF data is damaged: block {number + 1} of {len(layout.blocks)} is too short")
    return plain[: row * rows]


def _unpacked(stored: bytes, compression: int, row: int, rows: int) -> bytes:
    try:
        if compression == NONE:
            return stored
        if compression in (DEFLATE, ADOBE_DEFLATE):
            return zlib.decompressobj().decompress(stored, row * rows)
        if compression == LZMA:
            return lzma.LZMADecompressor().decompress(stored, row * rows)
        return _by_libtiff(stored, compression, row, rows)
    except (zlib.error, lzma.LZMAError, EOFError, OSError) as error:
        raise Fault("damaged", f"its TIFF data is damaged ({error})") from error


def _by_libtiff(stored: bytes, compression: int, row: int, rows: int) -> bytes:
    """As an image of `row` by `rows` gray bytes."""
    tags = [
        (256, _LONG, row),
        (257, _LONG, rows),
        (258, _SHORT, 8),
        (259, _SHORT, compression),
        (262, _SHORT, 1),
        (273, _LONG, 8),
        (277, _SHORT, 1),
        (278, _LONG, rows),
        (279, _LONG, len(stored)),
    ]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", tag, kind, 1, n) for tag, kind, n in tags)
    end = 8 + len(stored) + len(stored) % 2
    file = b"II*\0" + struct.pack("<I", end) + stored + bytes(len(stored) % 2) + directory + bytes(4)
    with Image.open(BytesIO(file), formats=["TIFF"]) as image:
        return image.tobytes()
