"""How the pixels of a TIFF's first page are stored, checked; what cannot be laid out is refused with its reason."""

import numpy as np

from dlcli.frozen import dataclass
from dlcli.imaging.fault import Fault
from dlcli.imaging.formats.tiff.directory import (
    BITS,
    COMPRESSION,
    COUNTS,
    EXTRA,
    FILL_ORDER,
    HEIGHT,
    INK_SET,
    OFFSETS,
    PHOTOMETRIC,
    PLANES,
    PREDICTOR,
    ROWS,
    SAMPLE_FORMAT,
    SAMPLES,
    SUBSAMPLING,
    TILE_HEIGHT,
    TILE_WIDTH,
    WIDTH,
    Tags,
    byte_order,
    first_directory,
    tags_at,
)

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR = 0, 1, 2, 3, 5, 6
BASE = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3}  # samples that are color
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
PREMULTIPLIED, STRAIGHT = 1, 2  # extra samples
_DTYPES = {
    **{(UNSIGNED, bits): np.dtype(f"u{bits // 8}") for bits in (8, 16, 32, 64)},
    **{(SIGNED, bits): np.dtype(f"i{bits // 8}") for bits in (8, 16, 32, 64)},
    **{(FLOAT, bits): np.dtype(f"f{bits // 8}") for bits in (16, 32, 64)},
}


@dataclass(frozen=True)
class Layout:
    """bits, kind: of each sample (kind: UNSIGNED, SIGNED or FLOAT). order: "<" or ">".

    extra: what each sample beside the color is, () where the file does not say. across, down: of a strip or tile, which
    may reach beyond the image. blocks: (offset, bytes) of each, plane by plane.
    """

    width: int
    height: int
    samples: int
    bits: int
    kind: int
    order: str
    photometric: int
    compression: int
    predictor: int
    apart: bool
    extra: tuple[int, ...]
    across: int
    down: int
    tiled: bool
    blocks: tuple[tuple[int, int], ...]
    reversed_bits: bool = False
    inks: int = 1
    subsampling: tuple[int, int] = (2, 2)

    @property
    def color(self) -> int:
        """Samples that are color, of an interpretation that is known."""
        return BASE[self.photometric]

    @property
    def wanted(self) -> tuple[int, ...]:
        """The samples that are read: color, and transparency where there is some."""
        return (*range(self.color), *(() if self.alpha is None else (self.alpha,)))

    @property
    def alpha(self) -> int | None:
        """Which sample is transparency."""
        for number, meaning in enumerate(self.extra, self.color):
            if meaning in (PREMULTIPLIED, STRAIGHT) and number < self.samples:
                return number
        assumed = not self.extra and self.photometric == RGB and self.samples == 4  # as libtiff and others have it
        return 3 if assumed else None

    @property
    def premultiplied(self) -> bool:
        alpha = self.alpha
        return alpha is not None and bool(self.extra) and self.extra[alpha - self.color] == PREMULTIPLIED


def dtype_of(layout: Layout) -> np.dtype | None:
    """Of the samples as numbers; None where they are of no kind that is known. 9 to 15 bits are uint16."""
    if layout.kind == UNSIGNED and 1 <= layout.bits < 16:
        return np.dtype(np.uint8 if layout.bits <= 8 else np.uint16)
    return _DTYPES.get((layout.kind, layout.bits))


def read_layout(data: bytes) -> Layout:
    """Of the first page. Fault: there is none, or it contradicts itself, or its samples differ from each other."""
    try:
        return layout_of(tags_at(data, first_directory(data)), data)
    except (IndexError, ValueError) as error:
        raise Fault("truncated", f"TIFF data ends after {len(data):,} bytes, before its directory") from error


def layout_of(tags: Tags, data: bytes) -> Layout:
    """The same of a directory's tags."""

    def first(tag: int, default: int) -> int:
        return (tags.get(tag) or [default])[0]

    width, height, samples = first(WIDTH, 0), first(HEIGHT, 0), first(SAMPLES, 1)
    if not (width and height and samples):
        raise Fault("damaged", "its TIFF header is damaged: it states no size")
    tile = first(TILE_WIDTH, 0), first(TILE_HEIGHT, 0)
    tiled = all(tile)
    across, down = tile if tiled else (width, min(height, first(ROWS, height) or height))
    photometric = first(PHOTOMETRIC, BLACK_IS_ZERO)
    subsampling = tuple(tags.get(SUBSAMPLING) or (2, 2))[:2]
    return Layout(
        width,
        height,
        samples,
        _same(tags.get(BITS) or [1], "bits"),
        _same(tags.get(SAMPLE_FORMAT) or [UNSIGNED], "kinds of number"),
        byte_order(data),
        photometric,
        first(COMPRESSION, 1),
        first(PREDICTOR, 1),
        first(PLANES, 1) == 2 and samples > 1,
        tuple(tags.get(EXTRA) or ()),
        across,
        down,
        tiled,
        _blocks(tags, tiled, len(data)),
        first(FILL_ORDER, 1) == 2,
        first(INK_SET, 1),
        (subsampling[0], subsampling[-1]),
    )


def _same(values: list[int], name: str) -> int:
    if len(set(values)) > 1:
        raise Fault("unsupported", f"its samples have different {name}: {', '.join(map(str, values[:8]))}")
    return values[0]


def _blocks(tags: Tags, tiled: bool, size: int) -> tuple[tuple[int, int], ...]:
    offsets = tags.get(OFFSETS[tiled]) or tags.get(OFFSETS[not tiled]) or []
    counts = tags.get(COUNTS[tiled]) or tags.get(COUNTS[not tiled]) or []
    if len(offsets) == 1 and not counts:  # left out by old writers
        counts = [max(0, size - offsets[0])]
    if not offsets or len(offsets) != len(counts):
        raise Fault("damaged", "its TIFF header is damaged: it does not say where its pixels are")
    return tuple(zip(offsets, counts, strict=True))
