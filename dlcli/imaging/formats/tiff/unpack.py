"""Strips or tiles of a TIFF: their stored bytes to the bytes of their samples. Called by samples.py.

What zlib and lzma of Python do not know (LZW, PackBits, Zstandard) is unpacked by Pillow's libtiff, to which the
blocks are handed as a gray image of bytes: libtiff then sees no sample that it could take for something else.
"""

import lzma
import struct
import zlib
from functools import cache
from io import BytesIO
from itertools import accumulate

from PIL import Image, features

from dlcli.imaging.fault import Fault
from dlcli.imaging.formats.tiff.layout import Layout

NONE, LZW, DEFLATE, ADOBE_DEFLATE, PACKBITS, LZMA, ZSTD = 1, 5, 32946, 8, 32773, 34925, 50000
_BY_LIBTIFF = {LZW, PACKBITS, ZSTD}
UNPACKED = {NONE, DEFLATE, ADOBE_DEFLATE, LZMA, *_BY_LIBTIFF}
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_ZSTD_FOUR = bytes.fromhex("28b52ffd200421000007070707")  # four bytes of 7
_LONG = 4  # a type of tags
_HEAD = 8  # bytes before the first block


def can_unpack(compression: int) -> bool:
    return compression in UNPACKED and (compression not in _BY_LIBTIFF or _libtiff_knows(compression))


@cache
def _libtiff_knows(compression: int) -> bool:
    """Zstandard is an option of libtiff, which the wheels of Pillow before 12 come without."""
    if compression != ZSTD or not features.check("libtiff"):
        return bool(features.check("libtiff"))
    try:
        return _by_libtiff([_ZSTD_FOUR], ZSTD, 4, [1]) == b"\7\7\7\7"
    except OSError:
        return False


def unpack(data: bytes, layout: Layout, first: int, row: int, rows: list[int]) -> bytes:
    """Blocks from `first` on, one for each of `rows`: so many rows of `row` bytes of each, one block after the other.

    They are in the file, and all but the last have the same rows. Fault: one holds less, or is damaged.
    """
    blocks = layout.blocks[first : first + len(rows)]
    stored = [data[offset : offset + length] for offset, length in blocks]
    if layout.reversed_bits:
        stored = [block.translate(_REVERSED) for block in stored]
    try:
        if layout.compression in _BY_LIBTIFF:
            return _by_libtiff(stored, layout.compression, row, rows)
        plain = [_unpacked(block, layout.compression, row * n) for block, n in zip(stored, rows, strict=True)]
    except (zlib.error, lzma.LZMAError, EOFError, OSError) as error:
        raise Fault("damaged", f"its TIFF data is damaged ({error})") from error
    for number, (block, n) in enumerate(zip(plain, rows, strict=True)):
        if len(block) < row * n and sum(blocks[number]) > len(data):
            raise Fault("truncated", f"TIFF data ends after {len(data):,} bytes, in block {first + number + 1:,}")
        if len(block) < row * n:
            place = f"block {first + number + 1:,} of {len(layout.blocks):,}"
            raise Fault("damaged", f"its TIFF data is damaged: {place} is too short")
    return plain[0] if len(plain) == 1 else b"".join(plain)


def _unpacked(stored: bytes, compression: int, size: int) -> bytes:
    """At most `size` bytes."""
    if compression in (DEFLATE, ADOBE_DEFLATE):
        return zlib.decompressobj().decompress(stored, size)
    if compression == LZMA:
        return lzma.LZMADecompressor().decompress(stored, size)
    return stored[:size]


def _by_libtiff(stored: list[bytes], compression: int, row: int, rows: list[int]) -> bytes:
    """As an image of `row` gray bytes in width, a strip a block."""
    ends = list(accumulate(map(len, stored), initial=_HEAD))
    tags = [
        (256, row),
        (257, sum(rows)),
        (258, 8),
        (259, compression),
        (262, 1),
        (277, 1),
        (278, rows[0]),
    ]
    lists = [struct.pack(f"<{len(stored)}I", *values) for values in (ends[:-1], map(len, stored))]
    at = ends[-1]
    places = [(273, at), (279, at + len(lists[0]))] if len(stored) > 1 else [(273, _HEAD), (279, len(stored[0]))]
    entries = [(tag, 1, value) for tag, value in tags] + [(tag, len(stored), value) for tag, value in places]
    directory = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHII", tag, _LONG, count, value) for tag, count, value in sorted(entries)
    )
    head = b"II*\0" + struct.pack("<I", at + sum(map(len, lists)))
    file = b"".join([head, *stored, *lists, directory, bytes(4)])
    with Image.open(BytesIO(file), formats=["TIFF"]) as image:
        return image.tobytes()
