"""Large images in overlapping tiles whose logits are blended, at several scales.

A fine tile sees small things that are lost in the image as a whole; a tile on a cat's fur cannot tell what it sees.
So a thing is decided by the finest look that can hold it: where a coarser look says a region larger than the next
finer tile, it decides, and everywhere else the finer one does (TileMerge.SCALE).

In memory are the rows of cells of one row of tiles, the next coarser look's cells (a third of a byte a pixel with 21
classes and the default size), the image and its mask. A wide image is turned first, so that these rows are short.
"""

from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from dlcli.card import ModelCard
from dlcli.console import QUIET, Console
from dlcli.frozen import dataclass
from dlcli.imaging.geometry import Placement
from dlcli.progress import Progress
from dlcli.runtime.deadline import check
from dlcli.tasks.segment.sample import classes_of_pixels, logits_at
from dlcli.tasks.segment.segmenter import Floats, Segmenter, background_of
from dlcli.tasks.segment.tile_plan import CHUNK, Grid, TileMerge, TilePlan, starts, tiles_of

LEAST = 1e-3  # a tile's weight at its edge, that of its middle being 1
NO_BAR = Progress()
SURE = 1e-5  # added to a probability before its logarithm: beyond, one look is no surer than another


class Turned(Segmenter):
    """The same segmenter for images whose rows and columns are exchanged."""

    def __init__(self, segmenter: Segmenter):
        super().__init__(replace(segmenter.card, input=segmenter.card.input[::-1]), segmenter.forward)
        self.upright = segmenter

    def logits(self, pixels: "np.ndarray") -> tuple[Floats, Placement]:
        logits, at = self.upright.logits(pixels.transpose(1, 0, 2))
        placement = Placement(at.scale_y, at.scale_x, at.dy, at.dx, at.source_height, at.source_width)
        return np.ascontiguousarray(logits.transpose(0, 2, 1)), placement


@dataclass(frozen=True)
class Coarser:
    """What the coarser looks say: float32 [classes, h, w], how much of the say they have at each cell, float32 [h, w]
    in [0, 1], and where the image lies on these cells."""

    logits: Floats
    weight: Floats
    placement: Placement

    def mixed(self, band: Floats, grid: Grid, top: int) -> Floats:
        """Rows of cells of a finer look, float32 [classes, n, columns] from row `top`, mixed with these."""
        cells = Placement(float(grid.cell), float(grid.cell), 0, 0, grid.columns, grid.rows).then(self.placement)
        size = grid.columns, band.shape[1]
        weight = logits_at(self.weight[None], cells, size, top)[0]
        if not weight.any():
            return band
        for plane, coarse in zip(band, self.logits, strict=True):
            plane += weight * (logits_at(coarse[None], cells, size, top)[0] - plane)
        return band


def segment_in_tiles(
    segmenter: Segmenter,
    pixels: "np.ndarray",
    size: int,
    overlap: float,
    shift: int = 0,
    merge: TileMerge = TileMerge.SCALE,
    console: Console = QUIET,
) -> "np.ndarray":
    """uint8 [H, W] of classes for uint8 [H, W, 3]; an image no larger than a tile is looked at as a whole.

    size: of a tile in pixels, rounded to a multiple of the cells in it. overlap: in [0, 1). shift: cells by which all
    tiles are moved up and left, to measure how much they matter. console: shows how many are done. ImageError of kind
    "timeout" between tiles, see runtime/deadline.py.
    """
    if pixels.shape[1] > pixels.shape[0]:
        turned = _segmented(Turned(segmenter), pixels.transpose(1, 0, 2), size, overlap, shift, merge, console)
        return np.ascontiguousarray(turned.T)
    return _segmented(segmenter, pixels, size, overlap, shift, merge, console)


def _segmented(
    segmenter: Segmenter,
    pixels: "np.ndarray",
    size: int,
    overlap: float,
    shift: int,
    merge: TileMerge,
    console: Console,
) -> "np.ndarray":
    whole, placement = segmenter.logits(pixels)
    high, wide = whole.shape[1:]
    height, width = pixels.shape[:2]
    plan = TilePlan.of(width, height, size, wide, high, merge)
    if not plan.grids:
        return classes_of_pixels(whole, placement)
    with console.progress("tiles", tiles_of(plan.grids, overlap, shift)) as bar:
        looks = Looks(segmenter, pixels, overlap, shift, merge, bar)
        return _looked_at(looks, plan, whole, placement)


def _looked_at(looks: "Looks", plan: TilePlan, whole: Floats, placement: Placement) -> "np.ndarray":
    """From the coarsest look to the finest. whole: logits of the image as a whole, which lies so on their grid."""
    coarser, levels = None, 0
    if plan.whole:
        coarser, levels = looks.decided(looks.scored(whole), placement, plan.grids[-1], 1), 1
    for grid, finer in zip(plan.grids[:0:-1], plan.grids[-2::-1], strict=True):
        levels += 1
        coarser = looks.decided(looks.at(grid, coarser), _cells(grid, looks.pixels), finer, levels)
    return _classes(looks, plan.grids[0], coarser)


@dataclass(frozen=True)
class Looks:
    """How an image is looked at. overlap, shift, merge: see `segment_in_tiles`. bar: steps with each tile."""

    segmenter: Segmenter
    pixels: "np.ndarray"
    overlap: float
    shift: int
    merge: TileMerge
    bar: Progress

    def at(self, grid: Grid, coarser: Coarser | None) -> Floats:
        """float32 [classes, rows, columns] of the whole image on a grid, mixed with what coarser looks say."""
        found = np.empty((len(self.segmenter.card.labels), grid.rows, grid.columns), np.float32)
        for top, band in self.bands(grid, coarser):
            found[:, top : top + band.shape[1]] = band
        return found

    def bands(self, grid: Grid, coarser: Coarser | None) -> Iterator[tuple[int, Floats]]:
        """The same, a few rows after the other: (first row, float32 [classes, n, columns])."""
        for top, band in blended_bands(self.segmenter, self.pixels, grid, self.overlap, self.shift, self.bar):
            scored = self.scored(band)
            yield top, scored if coarser is None else coarser.mixed(scored, grid, top)

    def scored(self, logits: Floats) -> Floats:
        """What looks are compared by: of TileMerge.SCALE the logarithm of probabilities."""
        if self.merge is not TileMerge.SCALE:
            return logits
        found = np.exp(logits - logits.max(0))
        found /= found.sum(0)
        found += np.float32(SURE)
        return np.asarray(np.log(found, out=found))

    def decided(self, logits: Floats, placement: Placement, finer: Grid, levels: int) -> Coarser:
        """A look at the image, and where it decides against the finer one. levels: looks that it is the mean of."""
        if self.merge is TileMerge.MEAN:
            weight = np.full(logits.shape[1:], levels / (levels + 1), np.float32)
        else:
            size = finer.side * placement.scale_x, finer.side * placement.scale_y
            weight = large_regions(logits, *size, background_of(self.segmenter.card))
        return Coarser(logits, weight, placement)


def large_regions(logits: Floats, wide: float, high: float, background: int | None) -> Floats:
    """float32 [h, w], 1 on connected regions of a class that are wider or higher than so many cells; 0 elsewhere, and
    where the background is.
    """
    classes = logits.argmax(0).astype(np.uint8)
    found = np.zeros(classes.shape, np.float32)
    for class_id in np.unique(classes):
        if class_id == background:
            continue
        _, regions, stats, _ = cv2.connectedComponentsWithStats((classes == class_id).astype(np.uint8))
        large = (stats[:, cv2.CC_STAT_WIDTH] > wide) | (stats[:, cv2.CC_STAT_HEIGHT] > high)
        large[0] = False  # what is of other classes
        if large.any():
            found[large[regions]] = 1
    return found


def _classes(looks: Looks, grid: Grid, coarser: Coarser | None) -> "np.ndarray":
    """The mask, some rows of the finest grid after the other."""
    height, width = looks.pixels.shape[:2]
    mask = np.empty((height, width), np.uint8)
    before: Floats | None = None  # the last row of cells above
    done = 0  # rows of pixels
    for top, band in looks.bands(grid, coarser):
        bottom = top + band.shape[1]
        band = band if before is None else np.concatenate([before, band], 1)
        end = height if bottom == grid.rows else min(height, int((bottom - 0.5) * grid.cell))
        if end > done:
            cells = replace(_cells(grid, looks.pixels), dy=float(band.shape[1] - bottom))
            mask[done:end] = classes_of_pixels(band, cells, (done, end))
            done = end
        before = band[:, -1:].copy()
    return mask


def blended_bands(
    segmenter: Segmenter, pixels: "np.ndarray", grid: Grid, overlap: float, shift: int, bar: Progress = NO_BAR
) -> Iterator[tuple[int, Floats]]:
    """(first row, float32 [classes, n, columns]) of finished rows of cells, from top to bottom without a gap."""
    window = np.outer(_window(grid.high), _window(grid.wide))
    lefts = starts(-shift, grid.columns, grid.wide, overlap)
    tops = starts(-shift, grid.rows, grid.high, overlap)
    kept = min(grid.high, grid.rows)  # rows of cells that a row of tiles can reach
    total = np.zeros((len(segmenter.card.labels), kept, grid.columns), np.float32)
    weight = np.zeros((kept, grid.columns), np.float32)
    for top, following in zip(tops, [*tops[1:], tops[-1] + grid.high], strict=True):
        high = min(grid.high, grid.rows - top)
        for left in lefts:
            check("between tiles", stopped=True)
            logits, _ = segmenter.logits(_tile(segmenter.card, pixels, grid, left, top))
            wide = min(grid.wide, grid.columns - left)
            part = window[:high, :wide]
            total[:, :high, left : left + wide] += logits[:, :high, :wide] * part
            weight[:high, left : left + wide] += part
            bar.step()
        ready = min(following, grid.rows) - top
        for first in range(0, ready, CHUNK):
            last = min(first + CHUNK, ready)
            yield top + first, total[:, first:last] / weight[first:last]
        for plane in (*total, weight):
            plane[: kept - ready] = plane[ready:]
            plane[kept - ready :] = 0


def _tile(card: ModelCard, pixels: "np.ndarray", grid: Grid, left: int, top: int) -> "np.ndarray":
    """uint8 [h, w, 3] of the tile at a cell; the card's `fill` where it reaches over the image.

    Such a one is made smaller before it is filled up, where it is much larger than what the network sees.
    """
    height, width = pixels.shape[:2]
    x1, y1, x2, y2 = (v * grid.cell for v in (left, top, left + grid.wide, top + grid.high))
    inside = pixels[y1:y2, x1:x2]
    if x2 <= width and y2 <= height:
        return inside
    scale = min(1.0, 2 * card.input[0] / (x2 - x1))
    tile = np.empty((max(1, round((y2 - y1) * scale)), max(1, round((x2 - x1) * scale)), 3), np.uint8)
    tile[:] = card.fill
    if scale < 1:
        size = max(1, round(inside.shape[1] * scale)), max(1, round(inside.shape[0] * scale))
        inside = cv2.resize(inside, size, interpolation=cv2.INTER_AREA)
    tile[: inside.shape[0], : inside.shape[1]] = inside[: tile.shape[0], : tile.shape[1]]
    return tile


def _cells(grid: Grid, pixels: "np.ndarray") -> Placement:
    """Where the image lies on the cells of a grid."""
    height, width = pixels.shape[:2]
    return Placement(1 / grid.cell, 1 / grid.cell, 0, 0, width, height)


def _window(count: int) -> Floats:
    """float32 [count]: a raised cosine, LEAST at both ends; at half an overlap neighbors add up to a constant."""
    return (LEAST + (1 - LEAST) * np.sin(np.pi * (np.arange(count) + 0.5) / count) ** 2).astype(np.float32)
