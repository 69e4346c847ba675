"""The looks of `--tile` and their memory: over many shapes, against what is allocated and what the kernel saw."""

import tracemalloc
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcli.tasks.registry import find_task
from dlcli.tasks.segment.options import SegmentOptions
from dlcli.tasks.segment.segmenter import Segmenter
from dlcli.tasks.segment.tile_plan import Grid, TileMerge, TilePlan, starts
from dlcli.tasks.segment.tiles import segment_in_tiles
from tests.benchmarks.memory import peak_of
from tests.tasks.segment.colors import RGB, color_card, color_forward

SIDES = st.integers(1, 100_000)
MERGES = st.sampled_from(list(TileMerge))
CELLS = st.sampled_from([(80, 80), (16, 16), (65, 33)])


@given(SIDES, SIDES, st.integers(64, 8192), CELLS, MERGES)
def test_the_looks_of_any_shape(width: int, height: int, size: int, cells: tuple[int, int], merge: TileMerge):
    plan = TilePlan.of(width, height, size, *cells, merge)
    for grid in plan.grids:
        assert grid.cell * (grid.columns - 1) < width <= grid.cell * grid.columns
        assert grid.cell * (grid.rows - 1) < height <= grid.cell * grid.rows
        assert not grid.is_one_tile
    for finer, coarser in zip(plan.grids, plan.grids[1:], strict=False):
        assert coarser.side == 2 * finer.side
        assert finer.side < min(width, height)
    assert merge is not TileMerge.FINEST or len(plan.grids) <= 1
    assert plan.whole or plan.grids


@settings(max_examples=300)
@given(st.integers(6, 27), st.floats(-12, 12), st.sampled_from([640, 1024]), MERGES)
def test_memory_follows_the_pixels_and_not_the_shape(power: int, aspect: float, size: int, merge: TileMerge):
    """At most 4 bytes a pixel and 140 MB of 21 classes, from a square to a strip of one pixel's height."""
    pixels = 2**power
    short = max(1, round((pixels / 2 ** abs(aspect)) ** 0.5))
    long = max(1, pixels // short)
    need = TilePlan.of(min(short, long), max(short, long), size, 80, 80, merge).need(21, 80, 80)
    assert need < 4 * pixels + 140e6


@given(st.integers(1, 3000), st.integers(1, 100), st.sampled_from([0.0, 0.25, 0.5, 0.9]), st.integers(0, 50))
def test_tiles_cover_every_cell(end: int, size: int, overlap: float, shift: int):
    covered = np.zeros(end, bool)
    for start in starts(-shift, end, size, overlap):
        assert start >= 0
        covered[start : start + size] = True
    assert covered.all()


@settings(deadline=None, max_examples=20)
@given(st.integers(1, 2000), st.integers(1, 2000), MERGES)
def test_no_more_is_allocated_than_reckoned(width: int, height: int, merge: TileMerge):
    height = min(height, 600_000 // width + 1)
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[::2] = RGB[1]
    segmenter = Segmenter(color_card(), color_forward)
    tracemalloc.start()
    segment_in_tiles(segmenter, pixels, 64, 0.5, merge=merge)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    short, long = sorted((width, height))
    assert peak < TilePlan.of(short, long, 64, 16, 16, merge).need(4, 16, 16) + 3 * width * height


def test_a_network_of_more_classes_is_reckoned_to_take_more():
    memory = find_task("segment").memory
    options, few, many = SegmentOptions(tile=True), *(TilePlan.of(5000, 5000, 640, 80, 80, TileMerge.SCALE),) * 2
    assert many.need(150, 80, 80) > 3 * few.need(21, 80, 80) - 2 * few.need(0, 80, 80)
    from dlcli.imaging.footprint import Changed

    tiled, _ = memory.prediction(options, Changed(30_000, 64, False), 30_000 * 64)
    turned, _ = memory.prediction(options, Changed(64, 30_000, False), 30_000 * 64)
    plain, _ = memory.prediction(SegmentOptions(), Changed(30_000, 64, False), 30_000 * 64)
    assert plain < tiled == turned < plain + 60e6


def test_a_grid_of_whole_cells():
    assert Grid.over(1000, 750, 640, 80, 80) == Grid(8, 125, 94, 80, 80)


@pytest.mark.parametrize(("width", "height"), [(30_000, 64), (64, 9_000), (2_400, 1_600)])
def test_the_program_stays_within_the_limit(tmp_path: Path, width: int, height: int):
    pixels = np.random.default_rng(0).integers(0, 256, (-(-height // 16), -(-width // 16), 3), np.uint8)
    path = tmp_path / "strip.png"
    cv2.imwrite(str(path), pixels.repeat(16, 0).repeat(16, 1)[:height, :width])
    ran = peak_of("segment", path, "--tile", "--json", limit="400MB")
    assert ran.code == 0, ran.error
    assert ran.peak < min(400e6, ran.base + ran.need)
