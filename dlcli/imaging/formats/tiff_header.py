"""Reads the first directory of a TIFF or BigTIFF: how large its pixels, its blocks and its tags are, without them.

Layout: TIFF revision 6.0, section 2; BigTIFF as libtiff has it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from dlcli.imaging.file_bytes import Bytes

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_INTEGERS = {1, 3, 4, 13, 16}
_MOST_ENTRIES = 65_535  # what a plain TIFF can count
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, SAMPLES, ROWS, PLANES = 256, 257, 258, 259, 262, 277, 278, 284
TILE_WIDTH, TILE_HEIGHT, EXTRA = 322, 323, 338
OFFSETS, COUNTS = (273, 324), (279, 325)  # of strips, of tiles
PALETTE, CMYK = 3, 5  # photometric interpretations
JPEG_IN_TIFF = {6, 7}  # compressions
_APART = 2  # a plane for each sample


@dataclass(frozen=True)
class TiffHeader:
    """tags: bytes of all values. block: bytes of one decoded strip or tile; blocks: how many the directory lists.

    tile: (width, height), which may reach far beyond the image, or (0, 0).
    """

    width: int
    height: int
    bits: int
    compression: int
    photometric: int
    alpha: bool
    tags: int
    block: int
    blocks: int
    tile: tuple[int, int]


def read_tiff_header(data: Bytes) -> TiffHeader | None:
    """None where there is no directory, or one without a size or with more entries than a plain TIFF can count."""
    tags: dict[int, list[int]] = {}
    size = blocks = 0
    try:
        for tag, values, length, count in _entries(data):
            size += length
            blocks = max(blocks, count if tag in OFFSETS else 0)
            tags.setdefault(tag, values)
        return _header(tags, size, blocks)
    except (IndexError, ValueError):
        return None


def block_places(data: bytes) -> Iterator[tuple[int, int]]:
    """(offset, bytes) of each strip or tile of the first directory; nothing where it is damaged."""
    tags: dict[int, list[int]] = {}
    try:
        for tag, values, _, _ in _entries(data, whole=True):
            tags.setdefault(tag, values)
    except (IndexError, ValueError):
        return
    for offsets, counts in zip(OFFSETS, COUNTS, strict=True):
        yield from zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False)


def _entries(data: Bytes, whole: bool = False) -> Iterator[tuple[int, list[int], int, int]]:
    """(tag, its first integers, bytes of its values in the file, how many those are). whole: all its integers."""
    order = "little" if data[:2] == b"II" else "big"
    wide = data[2:4] in (b"+\0", b"\0+")

    def number(at: int, count: int, data: Bytes = data) -> int:
        found = data[at : at + count]
        if len(found) != count:
            raise IndexError(at)
        return int.from_bytes(found, order)  # type: ignore[arg-type]

    at = number(8, 8) if wide else number(4, 4)
    entries = number(at, 8 if wide else 2)
    if entries > _MOST_ENTRIES:
        raise ValueError("more entries than a plain TIFF can count")
    at, step, word = (at + 8, 20, 8) if wide else (at + 2, 12, 4)
    table = data[at : at + entries * step]
    for place in range(0, entries * step, step):
        tag, kind, count = number(place, 2, table), number(place + 2, 2, table), number(place + 4, word, table)
        unit = _SIZES.get(kind, 0)
        start = at + place + 4 + word
        if unit * count > word:
            start = number(start, word)
        length = max(0, min(unit * count, len(data) - start))
        held = min(count, length // unit) if unit else 0
        kept = (held if whole and tag in (*OFFSETS, *COUNTS) else min(held, 16)) if kind in _INTEGERS else 0
        yield tag, [number(start + i * unit, unit) for i in range(kept)], length, held


def _header(tags: dict[int, list[int]], size: int, blocks: int) -> TiffHeader | None:
    def first(tag: int, default: int) -> int:
        return (tags.get(tag) or [default])[0]

    width, height = first(WIDTH, 0), first(HEIGHT, 0)
    if not width or not height:
        return None
    bits, samples = max(tags.get(BITS) or [1]), first(SAMPLES, 1)
    tile = first(TILE_WIDTH, 0), first(TILE_HEIGHT, 0)
    across, down = tile if all(tile) else (width, min(height, first(ROWS, height) or height))
    together = 1 if first(PLANES, 1) == _APART else samples
    alpha = EXTRA in tags and any(kind in (1, 2) for kind in tags[EXTRA])
    block = across * down * together * -(-bits // 8)
    return TiffHeader(
        width,
        height,
        bits,
        first(COMPRESSION, 1),
        first(PHOTOMETRIC, 1),
        alpha,
        size,
        block,
        blocks,
        tile if all(tile) else (0, 0),
    )
