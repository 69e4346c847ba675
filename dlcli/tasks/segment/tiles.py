"""Large images in overlapping tiles whose logits are blended, row of tiles after row of tiles.

Tiles of twice the side, of four times ... and the image as a whole have an equal say: a tile on a cat's fur cannot
tell what it sees. Whatever the image's size, in memory are one row of tiles on the network's coarse grid, the coarser
tiles' grids (a third of a byte a pixel with 21 classes and the default size), the image and its mask.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dlcli.imaging.geometry import Placement
from dlcli.runtime.deadline import check
from dlcli.tasks.segment.sample import classes_of_pixels, logits_at
from dlcli.tasks.segment.segmenter import Floats, Segmenter

LEAST = 1e-3  # a tile's weight at its edge, that of its middle being 1


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
    def over(cls, pixels: "np.ndarray", size: int, wide: int, high: int) -> "Grid":
        """For tiles whose width is `size` pixels, rounded to whole cells."""
        cell = max(1, round(size / wide))
        return cls(cell, -(-pixels.shape[1] // cell), -(-pixels.shape[0] // cell), wide, high)

    @property
    def is_one_tile(self) -> bool:
        return self.columns <= self.wide and self.rows <= self.high


@dataclass(frozen=True)
class Coarser:
    """The mean logits of `levels` coarser looks at the image: float32 [classes, h, w], and where it lies on them."""

    logits: Floats
    placement: Placement
    levels: int

    def mixed(self, band: Floats, grid: Grid, top: int) -> Floats:
        """Rows of cells of a finer look, float32 [classes, n, columns] from row `top`, averaged with these."""
        cells = Placement(float(grid.cell), float(grid.cell), 0, 0, grid.columns, grid.rows).then(self.placement)
        mine = logits_at(self.logits, cells, (grid.columns, band.shape[1]), top)
        return (band + self.levels * mine) / np.float32(1 + self.levels)


def segment_in_tiles(
    segmenter: Segmenter, pixels: "np.ndarray", size: int, overlap: float, shift: int = 0
) -> "np.ndarray":
    """uint8 [H, W] of classes for uint8 [H, W, 3]; an image no larger than a tile is looked at as a whole.

    size: of a tile in pixels, rounded to a multiple of the cells in it. overlap: in [0, 1). shift: cells by which all
    tiles are moved up and left, to measure how much they matter. ImageError of kind "timeout" between tiles, see
    runtime/deadline.py.
    """
    whole, placement = segmenter.logits(pixels)
    high, wide = whole.shape[1:]
    grid = Grid.over(pixels, size, wide, high)
    if grid.is_one_tile:
        return classes_of_pixels(whole, placement)
    coarser = Coarser(whole, placement, 1)
    sizes = [grid.cell * wide]
    while not Grid.over(pixels, 2 * sizes[-1], wide, high).is_one_tile:
        sizes.append(2 * sizes[-1])
    for larger in sizes[:0:-1]:
        coarser = _looked_at(segmenter, pixels, Grid.over(pixels, larger, wide, high), overlap, shift, coarser)
    return _classes(segmenter, pixels, grid, overlap, shift, coarser)


def _looked_at(
    segmenter: Segmenter, pixels: "np.ndarray", grid: Grid, overlap: float, shift: int, coarser: Coarser
) -> Coarser:
    """One level more: the image's logits on a grid, averaged with the coarser ones."""
    bands = [coarser.mixed(band, grid, top) for top, band in blended_bands(segmenter, pixels, grid, overlap, shift)]
    height, width = pixels.shape[:2]
    placement = Placement(1 / grid.cell, 1 / grid.cell, 0, 0, width, height)
    return Coarser(np.concatenate(bands, 1), placement, coarser.levels + 1)


def _classes(
    segmenter: Segmenter, pixels: "np.ndarray", grid: Grid, overlap: float, shift: int, coarser: Coarser
) -> "np.ndarray":
    """The mask, a band of the finest grid after the other."""
    height, width = pixels.shape[:2]
    mask = np.empty((height, width), np.uint8)
    before = coarser.logits[:, :0]  # the last row of cells of the band above
    done = 0  # rows of pixels
    for top, band in blended_bands(segmenter, pixels, grid, overlap, shift):
        bottom = top + band.shape[1]
        band = coarser.mixed(band, grid, top)
        band = np.concatenate([before, band], 1) if before.shape[1] else band
        end = height if bottom == grid.rows else min(height, int((bottom - 0.5) * grid.cell))
        if end > done:
            cells = Placement(1 / grid.cell, 1 / grid.cell, 0, float(band.shape[1] - bottom), width, height)
            mask[done:end] = classes_of_pixels(band, cells, (done, end))
            done = end
        before = band[:, -1:]
    return mask


def blended_bands(
    segmenter: Segmenter, pixels: "np.ndarray", grid: Grid, overlap: float, shift: int
) -> Iterator[tuple[int, Floats]]:
    """(first row, float32 [classes, n, columns]) of finished rows of cells, from top to bottom without a gap."""
    window = np.outer(_window(grid.high), _window(grid.wide))
    lefts = _starts(-shift, grid.columns, grid.wide, overlap)
    tops = _starts(-shift, grid.rows, grid.high, overlap)
    total = np.zeros((len(segmenter.card.labels), grid.high, grid.columns), np.float32)
    weight = np.zeros((grid.high, grid.columns), np.float32)
    for top, following in zip(tops, [*tops[1:], tops[-1] + grid.high], strict=True):
        for left in lefts:
            check("between tiles", stopped=True)
            logits, _ = segmenter.logits(_tile(pixels, grid, left, top, segmenter.card.fill))
            x1, x2 = max(left, 0), min(left + grid.wide, grid.columns)
            part = window[:, x1 - left : x2 - left]
            total[:, :, x1:x2] += logits[:, :, x1 - left : x2 - left] * part
            weight[:, x1:x2] += part
        ready = following - top
        first, last = max(-top, 0), min(ready, grid.rows - top)  # rows of cells that lie in the image
        if last > first:
            yield top + first, total[:, first:last] / weight[first:last]
        for array in (total, weight):
            array[..., : grid.high - ready, :] = array[..., ready:, :].copy()
            array[..., grid.high - ready :, :] = 0


def _tile(pixels: "np.ndarray", grid: Grid, left: int, top: int, fill: tuple[int, int, int]) -> "np.ndarray":
    """uint8 [h, w, 3] of the tile at a cell; `fill` where it reaches over the image."""
    height, width = pixels.shape[:2]
    x1, y1, x2, y2 = (v * grid.cell for v in (left, top, left + grid.wide, top + grid.high))
    if x1 >= 0 and y1 >= 0 and x2 <= width and y2 <= height:
        return np.ascontiguousarray(pixels[y1:y2, x1:x2])
    tile = np.empty((y2 - y1, x2 - x1, 3), np.uint8)
    tile[:] = fill
    inside = pixels[max(y1, 0) : y2, max(x1, 0) : x2]
    y, x = max(-y1, 0), max(-x1, 0)
    tile[y : y + inside.shape[0], x : x + inside.shape[1]] = inside
    return tile


def _starts(first: int, end: int, size: int, overlap: float) -> list[int]:
    """Where tiles begin that cover cells 0 to `end`: from `first` on, every step of what two do not share.

    A tile that would reach over an end is moved inside, so that it sees no more than it must of what is no image.
    """
    step = max(1, round(size * (1 - overlap)))
    count = max(0, -(-(end - size - first) // step))  # moves after the first tile
    return sorted({min(max(first + i * step, 0), max(0, end - size)) for i in range(count + 1)})


def _window(count: int) -> Floats:
    """float32 [count]: a raised cosine, LEAST at both ends; at half an overlap neighbors add up to a constant."""
    return (LEAST + (1 - LEAST) * np.sin(np.pi * (np.arange(count) + 0.5) / count) ** 2).astype(np.float32)
