"""Outlines draw the mask that they were taken from, by our rule and by pycocotools'."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from pycocotools import mask as oracle

from dlcli.data.polygons import as_one, mask_outlines
from dlcli.ops.masks import polygon_mask

masks = arrays.arrays(bool, st.tuples(st.integers(1, 14), st.integers(1, 14)))


@given(masks)
def test_the_mask_comes_back(mask):
    outlines = mask_outlines(mask)
    np.testing.assert_array_equal(polygon_mask(outlines, *mask.shape), mask)
    if outlines:
        np.testing.assert_array_equal(polygon_mask([as_one(outlines)], *mask.shape), mask)


@given(masks)
def test_pycocotools_draws_the_same(mask):
    outlines = [points.ravel().tolist() for points in mask_outlines(mask)]
    if outlines:
        drawn = oracle.decode(oracle.merge(oracle.frPyObjects(outlines, *mask.shape)))
        np.testing.assert_array_equal(drawn.astype(bool), mask)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9])
def test_a_large_mask_full_of_holes(share):
    mask = np.random.default_rng(0).random((60, 80)) < share
    np.testing.assert_array_equal(polygon_mask(mask_outlines(mask), *mask.shape), mask)


def test_a_square_has_four_corners_and_a_ring_one_way_to_its_hole():
    square = np.zeros((8, 9), bool)
    square[2:6, 3:7] = True
    assert mask_outlines(square)[0].tolist() == [[3, 2], [7, 2], [7, 6], [3, 6]]
    square[3:5, 4:6] = False
    (ring,) = mask_outlines(square)
    outer, inner = [[3, 2], [7, 2], [7, 6], [3, 6]], [[4, 3], [4, 5], [6, 5], [6, 3]]
    assert ring.tolist() == [*outer, [3, 3], *inner, [3, 3]]  # the way back ends where it began
    assert mask_outlines(np.zeros((3, 3), bool)) == []
