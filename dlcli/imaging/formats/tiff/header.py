"""What the first directory of a TIFF tells of the memory that reading it takes: pixels, blocks and tags."""

from collections.abc import Iterator

from dlcli.frozen import dataclass
from dlcli.imaging.file_bytes import Bytes
from dlcli.imaging.formats.tiff.directory import (
    BITS,
    COMPRESSION,
    COUNTS,
    EXTRA,
    HEIGHT,
    OFFSETS,
    PHOTOMETRIC,
    PLANES,
    ROWS,
    SAMPLES,
    TILE_HEIGHT,
    TILE_WIDTH,
    WIDTH,
    Tags,
    entries,
    first_directory,
    tags_at,
)

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


def read_tiff_header(data: Bytes, at: int | None = None) -> TiffHeader | None:
    """at: where another directory than the first begins.

    None where there is no directory, or one without a size or with more entries than a plain TIFF can count."""
    tags: Tags = {}
    size = blocks = 0
    try:
        for entry in entries(data, first_directory(data) if at is None else at):
            size += entry.length
            blocks = max(blocks, entry.count if entry.tag in OFFSETS else 0)
            tags.setdefault(entry.tag, entry.values)
        return _header(tags, size, blocks)
    except (IndexError, ValueError):
        return None


def block_places(data: bytes) -> Iterator[tuple[int, int]]:
    """(offset, bytes) of each strip or tile of the first directory; nothing where it is damaged."""
    try:
        tags = tags_at(data, first_directory(data))
    except (IndexError, ValueError):
        return
    for offsets, counts in zip(OFFSETS, COUNTS, strict=True):
        yield from zip(tags.get(offsets, ()), tags.get(counts, ()), strict=False)


def _header(tags: Tags, size: int, blocks: int) -> TiffHeader | None:
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
