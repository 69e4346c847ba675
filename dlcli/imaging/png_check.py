"""Checks a PNG's chunks against their own checksums, which decoders skip for speed. Layout: RFC 2083, section 3."""

import zlib

_CRITICAL = {b"IHDR", b"PLTE", b"IDAT", b"tRNS"}


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
        if name in _CRITICAL and zlib.crc32(view[at + 4 : end - 4]) != stated:
            return "damaged", f"a checksum is wrong in the PNG data (chunk {name.decode()} at byte {at:,})"
        if name == b"IEND":
            return None
        at = end
    return "truncated", f"PNG data ends after {len(data):,} bytes without its end chunk"


def png_bit_depth(data: bytes) -> int:
    """Bits a sample, from the header chunk: 1, 2, 4, 8 or 16."""
    return data[24] if len(data) > 24 else 8
