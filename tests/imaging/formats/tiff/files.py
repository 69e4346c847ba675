"""Small TIFF files, written out by hand."""

import numpy as np


def packed(numbers: np.ndarray, bits: int, photometric: int = 1) -> bytes:
    """A gray TIFF of one strip, its rows padded to whole bytes (TIFF 6.0, section 8)."""
    rows = []
    for row in numbers:
        text = "".join(f"{number:0{bits}b}" for number in row)
        text += "0" * (-len(text) % 8)
        rows.append(bytes(int(text[at : at + 8], 2) for at in range(0, len(text), 8)))
    return by_hand(
        b"".join(rows), {256: numbers.shape[1], 257: len(numbers), 258: bits, 259: 1, 262: photometric, 277: 1}
    )


def by_hand(strip: bytes, tags: dict[int, int]) -> bytes:
    """A little-endian TIFF of one strip, whose tags are written out as they are given."""
    tags = {**tags, 273: 8, 278: tags[257], 279: len(strip)}
    directory = b"".join(
        tag.to_bytes(2, "little") + b"\4\0\1\0\0\0" + value.to_bytes(4, "little") for tag, value in sorted(tags.items())
    )
    return (
        b"II*\0"
        + (8 + len(strip)).to_bytes(4, "little")
        + strip
        + len(tags).to_bytes(2, "little")
        + directory
        + bytes(4)
    )
