"""How `--tile` looks at an image: the grids of its looks, and the memory that they take. Light: numbers alone.

The finest look has tiles of --tile-size; each coarser one has tiles of twice the side, up to one whose tile covers the
image's shorter side, beyond which things would only become smaller; and the image as a whole, where that is hardly
longer than such a tile is wide.
"""

from collections.abc import Sequence
from enum import StrEnum

from dlcli.frozen import dataclass

CHUNK = 16  # rows of cells that are finished at a time
ARRAYS = 10  # of a chunk's size, alive at once while its classes are told
REGIONS = 16  # bytes a cell, beside its logits, while the regions of a look are measured
FLOAT = 4
ONCE = 12 << 20  # strips of pixels, tensors of a tile


class TileMerge(StrEnum):
    """Who decides where looks at several scales differ."""

    SCALE = "scale"
    FINEST = "finest"
    MEAN = "mean"


@dataclass(frozen=True)
class Grid:
    """Cells that cover an image from its upper left corner; each is what one logit of a tile stands for.

    cell: pixels of its side. columns, rows: of the image, the last ones may reach over its edge. wide, high: cells
    of a tile.
    """

    cell: int
    columns: int
    rows: int
    wide: int
    high: int

    @classmethod
    def over(cls, width: int, height: int, size: int, wide: int, high: int) -> "Grid":
        """For tiles whose width is `size` pixels, rounded to whole cells."""
        cell = max(1, round(size / wide))
        return cls(cell, -(-width // cell), -(-height // cell), wide, high)

    @property
    def is_one_tile(self) -> bool:
        return self.columns <= self.wide and self.rows <= self.high

    @property
    def side(self) -> int:
        """Pixels of a tile's longer side."""
        return self.cell * max(self.wide, self.high)


@dataclass(frozen=True)
class TilePlan:
    """grids: of the looks in tiles, the finest first. whole: the image as a whole comes before the coarsest."""

    grids: tuple[Grid, ...]
    whole: bool

    @classmethod
    def of(cls, width: int, height: int, size: int, wide: int, high: int, merge: TileMerge) -> "TilePlan":
        """For an image of width x height pixels; one no larger than a tile is looked at as a whole, without tiles."""
        finest = Grid.over(width, height, size, wide, high)
        if finest.is_one_tile:
            return cls((), True)
        if merge is TileMerge.FINEST:
            return cls((finest,), False)
        grids = [finest]
        while grids[-1].side < min(width, height):
            coarser = Grid.over(width, height, 2 * grids[-1].cell * wide, wide, high)
            if coarser.is_one_tile:
                break
            grids.append(coarser)
        return cls(tuple(grids), max(width, height) <= 2 * grids[-1].side)

    def need(self, classes: int, wide: int, high: int) -> int:
        """Bytes that all this takes beside the image and its mask, for logits [classes, high, wide] of a tile.

        The grids are those of the image turned so that its rows are its shorter side.
        """
        found = ONCE + 4 * FLOAT * classes * wide * high
        if not self.grids:
            return found
        finest, *coarser = self.grids
        rows = min(finest.high, finest.rows)
        found += FLOAT * (classes + 2) * rows * finest.columns
        found += FLOAT * classes * ARRAYS * (min(CHUNK, finest.rows) + 1) * finest.columns
        cells = sum(grid.columns * grid.rows for grid in coarser[:2])
        return found + (FLOAT * (classes + 1) + REGIONS) * cells


def tiles_of(grids: Sequence[Grid], overlap: float, shift: int = 0) -> int:
    """How many tiles are looked at on these grids. overlap, shift: see tiles.segment_in_tiles."""
    return sum(
        len(starts(-shift, grid.columns, grid.wide, overlap)) * len(starts(-shift, grid.rows, grid.high, overlap))
        for grid in grids
    )


def starts(first: int, end: int, size: int, overlap: float) -> list[int]:
    """Where tiles begin that cover cells 0 to `end`: from `first` on, every step of what two do not share.

    A tile that would reach over an end is moved inside, so that it sees no more than it must of what is no image.
    """
    step = max(1, round(size * (1 - overlap)))
    count = max(0, -(-(end - size - first) // step))  # moves after the first tile
    return sorted({min(max(first + i * step, 0), max(0, end - size)) for i in range(count + 1)})
