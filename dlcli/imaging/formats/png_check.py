"""Checks a PNG's chunks against their own checksums, which decoders skip for speed.

Layout: RFC 2083, section 3.
"""

import zlib
from collections.abc import Iterator

from dlcli.imaging.file_bytes import Bytes

CRITICAL = {b"IHDR", b"PLTE", b"IDAT", b"tRNS"}


def png_fault(data: bytes) -> tuple[str, str] | None:
    """None for a whole PNG, else (kind, reason): "truncated" or "damaged". Costs one CRC over the file."""
    view = memoryview(data)
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(view[at : at + 4], "big")
        name = bytes(view[at + 4 : at + 8])
        end = at + 12 + length
        if end > len(data):
            return "truncated", f"PNG data ends after {len(data):,} of at least {end + 12:,} bytes"
        stated = int.from_bytes(view[end - 4 : end], "big")
        if name in CRITICAL and zlib.crc32(view[at + 4 : end - 4]) != stated:
            return "damaged", f"a checksum is wrong in the PNG data (chunk {name.decode()} at byte {at:,})"
        if name == b"IEND":
            return None
        at = end
    return "truncated", f"PNG data ends after {len(data):,} bytes without its end chunk"


def png_bit_depth(data: bytes) -> int:
    """Bits a sample, from the header chunk: 1, 2, 4, 8 or 16."""
    return data[24] if len(data) > 24 else 8


def png_chunks(data: Bytes) -> Iterator[tuple[bytes, int]]:
    """(name, bytes that it holds) of each chunk, up to the end of the file where it is shorter than it says."""
    at = 8
    while at + 12 <= len(data):
        head = data[at : at + 8]
        length = min(int.from_bytes(head[:4], "big"), len(data) - at - 8)
        yield head[4:], length
        at += 12 + length
