"""Tiles find small things that the whole image's logits miss, without seams, gaps or a dependence on their places."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcli.tasks.segment.segmenter import Segmenter
from dlcli.tasks.segment.tile_plan import Grid, TileMerge
from dlcli.tasks.segment.tiles import blended_bands, segment_in_tiles
from tests.tasks.segment.colors import RGB, blocks, color_card, color_forward

SEGMENTER = Segmenter(color_card(), color_forward)


def test_small_things_in_a_large_image():
    pixels, truth = blocks(700, 900, 24)
    whole = (SEGMENTER(pixels) == truth).mean()
    tiled = (segment_in_tiles(SEGMENTER, pixels, 64, 0.5) == truth).mean()
    assert whole < 0.7
    assert tiled > 0.85


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 300), st.integers(1, 300), st.sampled_from([64, 100, 128]), st.sampled_from([0.0, 0.3, 0.5, 0.8]))
def test_any_size_and_overlap(height, width, size, overlap):
    pixels, truth = blocks(height, width, 80, seed=height)
    found = segment_in_tiles(SEGMENTER, pixels, size, overlap)
    assert found.shape == truth.shape
    assert (found == truth).mean() > 0.9 - 6 / min(height, width)


def test_an_image_no_larger_than_a_tile_is_seen_as_a_whole():
    pixels, _ = blocks(50, 64)
    np.testing.assert_array_equal(segment_in_tiles(SEGMENTER, pixels, 64, 0.5), SEGMENTER(pixels))


@pytest.mark.parametrize("shift", [4, 8])  # of 16 cells: a quarter of a tile and half of it
def test_where_the_tiles_lie_hardly_matters(shift):
    pixels, _ = blocks(333, 471, 50)
    noise = np.random.default_rng(0).normal(0, 25, pixels.shape)
    pixels = np.clip(pixels + noise, 0, 255).astype(np.uint8)
    here = segment_in_tiles(SEGMENTER, pixels, 128, 0.5)
    there = segment_in_tiles(SEGMENTER, pixels, 128, 0.5, shift)
    assert 0 <= (here != there).mean() < 0.01


@pytest.mark.parametrize("shift", [0, 5])
def test_bands_are_the_weighted_mean_of_all_tiles(shift):
    """For a network whose logits are the mean colors, so that each cell's true value is known."""
    pixels = np.random.default_rng(1).integers(0, 256, (16 * 9, 16 * 7, 3), np.uint8)
    grid = Grid(4, 28, 36, 16, 16)
    means = pixels.reshape(36, 4, 28, 4, 3).mean((1, 3)).transpose(2, 0, 1) / 255
    rows: list[np.ndarray] = []
    for top, band in blended_bands(Segmenter(color_card(), mean_colors), pixels, grid, 0.5, shift):
        assert top == sum(part.shape[1] for part in rows)
        rows.append(band)
    np.testing.assert_allclose(np.concatenate(rows, 1)[:3], means, atol=1e-5)


def mean_colors(tensor):
    means = tensor[0].reshape(3, 16, 4, 16, 4).mean((2, 4))
    return np.concatenate([means, np.zeros((1, 16, 16), np.float32)])


def test_memory_does_not_grow_with_the_logits_of_the_image():
    pixels, _ = blocks(3000, 2000, 100)
    tracemalloc.start()
    segment_in_tiles(SEGMENTER, pixels, 256, 0.25)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3000 * 2000 * 3  # float32 logits of every pixel would be 16 bytes each, the mask is 1


def striped() -> np.ndarray:
    """uint8 [1024, 1024, 3]: a large red thing with gray stripes on it, and a small one beside it."""
    pixels = np.empty((1024, 1024, 3), np.uint8)
    pixels[:] = RGB[0]
    pixels[40:800, 40:800] = RGB[1]
    pixels[48:800:16, 40:800], pixels[52:800:16, 40:800] = RGB[0], RGB[0]
    for row in range(48, 800, 16):
        pixels[row : row + 8, 40:800] = RGB[0]
    pixels[900:924, 900:924] = RGB[3]
    return pixels


@pytest.mark.parametrize(("merge", "large", "small"), [(TileMerge.SCALE, True, True), (TileMerge.FINEST, False, True)])
def test_a_look_decides_what_it_alone_can_hold(merge: TileMerge, large: bool, small: bool):
    found = segment_in_tiles(SEGMENTER, striped(), 64, 0.5, merge=merge)
    assert ((found[100:740, 100:740] == 1).mean() > 0.99) == large
    assert ((found[904:920, 904:920] == 3).mean() > 0.9) == small
    assert (found[820:880, 100:880] == 0).all()


@pytest.mark.parametrize("merge", TileMerge)
def test_a_turned_image_gives_the_turned_mask(merge: TileMerge):
    pixels, _ = blocks(300, 500, 50)
    wide = segment_in_tiles(SEGMENTER, pixels, 64, 0.5, merge=merge)
    high = segment_in_tiles(SEGMENTER, np.ascontiguousarray(pixels.transpose(1, 0, 2)), 64, 0.5, merge=merge)
    assert (wide == high.T).mean() > 0.999
