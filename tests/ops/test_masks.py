"""Run lengths, polygons and overlap against pycocotools and slow loops."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycocotools import mask as oracle

from dlcli.ops.masks import (
    counts_by_class,
    dice,
    iou,
    mask_of_counts,
    polygon_mask,
    rle_area,
    rle_counts,
    rle_to_string,
    text_to_counts,
)

MASKS = [
    np.zeros((7, 5), bool),
    np.ones((7, 5), bool),
    np.eye(6, dtype=bool),
    np.ones((1, 1), bool),
    np.random.default_rng(1).random((40, 70)) < 0.5,
    np.kron(np.random.default_rng(2).random((9, 8)) < 0.4, np.ones((60, 90), bool)),
]


def encoded(mask):
    return oracle.encode(np.asfortranarray(mask.astype(np.uint8)))


@pytest.mark.parametrize("mask", MASKS, ids=lambda mask: "x".join(map(str, mask.shape)))
def test_strings_are_those_of_pycocotools(mask):
    counts = rle_counts(mask)
    text = rle_to_string(counts)
    assert text == encoded(mask)["counts"].decode()
    np.testing.assert_array_equal(text_to_counts(text), counts)
    np.testing.assert_array_equal(mask_of_counts(counts, *mask.shape), mask)
    decoded = oracle.decode({"size": list(mask.shape), "counts": text.encode()})
    np.testing.assert_array_equal(decoded, mask)
    assert rle_area(counts) == int(oracle.area(encoded(mask))) == mask.sum()


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=30))
def test_any_run_lengths_come_back(counts):
    np.testing.assert_array_equal(text_to_counts(rle_to_string(np.array(counts))), counts)


@settings(deadline=None)
@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text):
    try:
        counts = text_to_counts(text)
    except ValueError:
        return
    assert counts.dtype == np.int64


def test_runs_that_do_not_fill_the_mask():
    with pytest.raises(ValueError, match="expected 12 pixels in all, got 7"):
        mask_of_counts(np.array([3, 4]), 3, 4)
    with pytest.raises(ValueError, match="expected 12"):
        mask_of_counts(np.array([15, -3]), 3, 4)


def test_polygons_hold_the_pixels_whose_center_is_inside():
    """Even-odd by a slow loop: a ray to the right crosses an odd number of edges."""
    rng = np.random.default_rng(3)
    for _ in range(20):
        points = rng.uniform(-10, 40, (rng.integers(3, 9), 2))
        slow = np.zeros((24, 30), bool)
        for row in range(24):
            for column in range(30):
                slow[row, column] = crossings(points, column + 0.5, row + 0.5) % 2 == 1
        np.testing.assert_array_equal(polygon_mask([points], 24, 30), slow)


def crossings(points, x, y):
    count = 0
    for (x1, y1), (x2, y2) in zip(points, [*points[1:], points[0]], strict=True):
        if (y1 <= y) != (y2 <= y):
            count += x1 + (y - y1) * (x2 - x1) / (y2 - y1) > x
    return count


def test_polygons_are_nearly_those_of_pycocotools():
    """COCO draws on a grid five times as fine and rounds otherwise: the same but for single pixels of the rim."""
    rng = np.random.default_rng(4)
    for _ in range(20):
        angles = np.sort(rng.uniform(0, 2 * np.pi, 12))
        points = 60 + rng.uniform(30, 55, 12)[:, None] * np.stack([np.cos(angles), np.sin(angles)], 1)
        theirs = oracle.decode(oracle.merge(oracle.frPyObjects([points.ravel().tolist()], 120, 130)))
        assert iou(polygon_mask([points], 120, 130), theirs) > 0.97


def test_several_polygons_are_one_region():
    left, right = np.array([[0, 0], [3, 0], [3, 4], [0, 4]]), np.array([[2, 0], [5, 0], [5, 4], [2, 4]])
    np.testing.assert_array_equal(polygon_mask([left, right], 4, 6), np.arange(6)[None].repeat(4, 0) < 5)
    assert not polygon_mask([np.array([[1, 1], [3, 3]])], 4, 4).any()
    assert not polygon_mask([], 4, 4).any()


def test_dice_and_iou():
    a, b = MASKS[4], np.roll(MASKS[4], 3, axis=1)
    both = sum(bool(x and y) for x, y in zip(a.ravel(), b.ravel(), strict=True))
    assert dice(a, b) == 2 * both / (int(a.sum()) + int(b.sum()))
    assert iou(a, b) == pytest.approx(float(oracle.iou([encoded(a)], [encoded(b)], [0])[0, 0]))
    assert dice(a, a) == iou(a, a) == 1
    assert dice(a, ~a) == iou(a, ~a) == 0


def test_two_empty_masks_match_in_full():
    empty = np.zeros((3, 3), bool)
    assert dice(empty, empty) == iou(empty, empty) == 1
    assert dice(empty, ~empty) == iou(empty, ~empty) == 0


@pytest.mark.parametrize("shape", [(1, 1), (9, 13), (40, 3)])
def test_all_classes_in_one_pass(shape):
    mask = np.kron(np.random.default_rng(5).integers(0, 4, shape), np.ones((2, 3), int)).astype(np.uint8)
    found = counts_by_class(mask)
    assert list(found) == np.unique(mask).tolist()
    for class_id, counts in found.items():
        np.testing.assert_array_equal(counts, rle_counts(mask == class_id))
    assert counts_by_class(np.zeros((0, 4), np.uint8)) == {}
