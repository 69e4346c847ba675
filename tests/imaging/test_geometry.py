"""Geometry there and back again."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.imaging.geometry import fit, letterbox, stretch, tile_grid, unchanged
from tests.imaging.images import gradient

sides = st.integers(1, 90)
fractions = st.floats(0, 1, width=32)


def box_in(width, height, a, b, c, d):
    x1, x2 = sorted((a * width, c * width))
    y1, y2 = sorted((b * height, d * height))
    return np.array([[x1, y1, x2, y2]], np.float32)


@given(sides, sides, sides, sides, st.tuples(fractions, fractions, fractions, fractions))
def test_letterbox_there_and_back(width, height, w, h, corners):
    box = box_in(width, height, *corners)
    pixels, placement = letterbox(np.zeros((height, width, 3), np.uint8), (w, h))
    assert pixels.shape == (h, w, 3)
    placed = placement.to_placed(box)
    assert (placed >= -1e-3).all()
    assert (placed <= np.array([w, h, w, h]) + 1e-3).all()
    np.testing.assert_allclose(placement.to_source(placed), box, atol=1e-3)


@given(sides, sides, *[st.integers(1, 60)] * 4, st.tuples(*[fractions] * 4))
def test_composed_placements(width, height, w1, h1, w2, h2, corners):
    """Letterbox, then stretch: the first one's offset is scaled by the second."""
    box = box_in(width, height, *corners)
    first_pixels, first = letterbox(np.zeros((height, width, 3), np.uint8), (w1, h1))
    _, second = stretch(first_pixels, (w2, h2))
    both = first.then(second)
    np.testing.assert_allclose(both.to_placed(box), second.to_placed(first.to_placed(box)), atol=1e-3)
    np.testing.assert_allclose(both.to_source(both.to_placed(box)), box, atol=2e-3)


def test_letterbox_pixels_are_where_the_placement_says():
    pixels = np.full((30, 60, 3), 200, np.uint8)
    placed, placement = letterbox(pixels, (32, 32), fill=(1, 2, 3))
    x1, y1, x2, y2 = placement.to_placed(np.array([[0, 0, 60, 30]])).round().astype(int)[0]
    assert (x1, y1, x2, y2) == (0, 8, 32, 24)
    assert (placed[y1:y2, x1:x2] == 200).all()
    assert (placed[:y1] == (1, 2, 3)).all()
    assert (placed[y2:] == (1, 2, 3)).all()


def test_letterbox_fill_on_sixteen_bits_is_the_same_light():
    placed, _ = letterbox(np.zeros((10, 20, 3), np.uint16), (20, 20))
    assert placed.dtype == np.uint16
    assert placed[0, 0].tolist() == [114 * 257] * 3


def test_boxes_are_clipped_on_the_way_back_and_empty_sets_pass():
    _, placement = letterbox(np.zeros((30, 60, 3), np.uint8), (32, 32))
    np.testing.assert_array_equal(placement.to_source(np.array([[-5, 0, 40, 32]])), [[0, 0, 60, 30]])
    assert placement.to_source(np.zeros((0, 4), np.float32)).shape == (0, 4)


@given(sides, sides, sides, sides)
def test_fit_is_the_largest_inside(width, height, w, h):
    pixels, placement = fit(np.zeros((height, width, 3), np.uint8), (w, h))
    inner_height, inner_width = pixels.shape[:2]
    assert inner_width <= w
    assert inner_height <= h
    assert inner_width == w or inner_height == h
    assert (placement.scale_x, placement.scale_y) == (inner_width / width, inner_height / height)


def test_shrinking_averages_areas_and_growing_interpolates():
    fine = np.zeros((8, 8, 3), np.uint8)
    fine[:, ::2] = 200  # single-pixel stripes: sampling would give 0 or 200
    assert (stretch(fine, (4, 4))[0] == 100).all()
    grown = stretch(np.array([[[0] * 3, [100] * 3]], np.uint8), (4, 1))[0]
    assert grown[0, :, 0].tolist() == [0, 25, 75, 100]


def test_same_size_changes_nothing():
    pixels = gradient()
    assert stretch(pixels, (40, 24))[0] is pixels
    assert stretch(pixels, (40, 24))[1] == unchanged(pixels)


@given(st.integers(1, 400), st.integers(1, 400), st.integers(1, 120), st.floats(0, 0.9))
def test_tiles_cover_everything_and_overlap_enough(width, height, size, overlap):
    tiles = tile_grid(width, height, size, overlap)
    for axis, length in ((0, width), (1, height)):
        spans = sorted({(tile[axis], tile[axis + 2]) for tile in tiles})
        assert spans[0][0] == 0
        assert spans[-1][1] == length
        assert all(end - start == min(size, length) for start, end in spans)
        shared = [before[1] - after[0] for before, after in pairwise(spans)]
        # never less than asked, but for a tile so small that a step of one pixel is the least
        assert all(share >= min(int(overlap * size), size - 1) for share in shared)
    assert len(tiles) == len(set(tiles))


@pytest.mark.parametrize(("size", "overlap"), [(0, 0.2), (10, 1.0), (10, -0.1)])
def test_tiles_of_impossible_shape(size, overlap):
    with pytest.raises(ValueError, match="tile_grid"):
        tile_grid(10, 10, size, overlap)
