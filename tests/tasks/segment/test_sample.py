"""Logits become classes of pixels as torch's interpolation would have it, at any placement, strip by strip."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcli.imaging.geometry import Placement, letterbox
from dlcli.tasks.segment import sample
from dlcli.tasks.segment.sample import classes_of_pixels, logits_at, possible_classes


def smooth(classes, rows, columns, seed=0):
    """float32 [classes, rows, columns] whose winners form areas."""
    rough = torch.from_numpy(np.random.default_rng(seed).normal(size=(1, classes, 5, 6)).astype(np.float32)) * 4
    return F.interpolate(rough, (rows, columns), mode="bicubic")[0].numpy()


@pytest.mark.parametrize(("height", "width"), [(375, 500), (300, 37), (5, 9), (1, 1)])
def test_a_stretched_image_is_torchs_interpolation(height, width):
    logits = smooth(21, 20, 24)
    expected = F.interpolate(torch.from_numpy(logits[None]), (height, width), mode="bilinear", align_corners=False)[0]
    found = classes_of_pixels(logits, Placement(24 / width, 20 / height, 0, 0, width, height))
    assert found.dtype == np.uint8
    least = expected.topk(2, 0).values.diff(dim=0).abs()[0].numpy() > 1e-4  # ties may fall either way
    np.testing.assert_array_equal(found[least], expected.argmax(0).numpy()[least])
    assert least.mean() > 0.99


def test_a_letterboxed_image_by_a_slow_loop():
    logits = smooth(4, 16, 16)
    _, placed = letterbox(np.zeros((30, 47, 3), np.uint8), (64, 64), max_stretch=1.2)
    placement = placed.then(Placement(0.25, 0.25, 0, 0, 64, 64))
    found = classes_of_pixels(logits, placement)
    for y in range(30):
        for x in range(47):
            values = slow(
                logits, (x + 0.5) * placement.scale_x + placement.dx, (y + 0.5) * placement.scale_y + placement.dy
            )
            assert values[found[y, x]] > values.max() - 1e-4


def slow(logits, x, y):
    """Between the centers of four cells, the outermost going on."""
    rows, columns = logits.shape[1:]
    x, y = min(max(x - 0.5, 0), columns - 1), min(max(y - 0.5, 0), rows - 1)
    left, top = min(int(x), columns - 2), min(int(y), rows - 2)
    fx, fy = x - left, y - top
    above = logits[:, top, left] * (1 - fx) + logits[:, top, left + 1] * fx
    below = logits[:, top + 1, left] * (1 - fx) + logits[:, top + 1, left + 1] * fx
    return above * (1 - fy) + below * fy


def test_strips_and_chosen_rows_are_the_same(monkeypatch):
    logits = smooth(5, 12, 12)
    placement = Placement(0.1, 0.1, 0, 0, 120, 110)
    whole = classes_of_pixels(logits, placement)
    monkeypatch.setattr(sample, "STRIP", 120 * 7)
    np.testing.assert_array_equal(classes_of_pixels(logits, placement), whole)
    np.testing.assert_array_equal(classes_of_pixels(logits, placement, (33, 61)), whole[33:61])


def test_an_image_wider_than_opencv_counts_in_16_bits():
    logits = smooth(3, 8, 40)
    found = classes_of_pixels(logits, Placement(40 / 70_000, 8 / 4, 0, 0, 70_000, 4))
    narrow = classes_of_pixels(logits, Placement(40 / 700, 8 / 4, 0, 0, 700, 4))
    assert (found[:, 50::100] == narrow).mean() > 0.98


@settings(deadline=None, max_examples=30)
@given(st.integers(2, 9), st.integers(1, 6), st.integers(1, 6), st.integers(0, 99))
def test_a_class_that_is_left_out_never_wins(classes, rows, columns, seed):
    logits = np.random.default_rng(seed).normal(size=(classes, rows, columns)).astype(np.float32)
    logits += np.random.default_rng(seed).normal(size=(classes, 1, 1)).astype(np.float32) * 3
    kept = possible_classes(logits)
    fine = F.interpolate(torch.from_numpy(logits[None]), (50, 50), mode="bilinear", align_corners=False)[0]
    assert set(np.unique(fine.argmax(0).numpy())) <= set(kept)


def test_most_classes_are_left_out_where_one_rules():
    logits = np.zeros((21, 9, 9), np.float32)
    logits[4] = 1
    assert possible_classes(logits).tolist() == [4]
    assert (classes_of_pixels(logits, Placement(0.1, 0.1, 0, 0, 90, 90)) == 4).all()


def test_logits_of_rows():
    logits = smooth(3, 10, 12)
    whole = F.interpolate(torch.from_numpy(logits[None]), (60, 66), mode="bilinear", align_corners=False)[0].numpy()
    found = logits_at(logits, Placement(12 / 66, 10 / 60, 0, 0, 66, 60), (66, 5), 17)
    np.testing.assert_allclose(found, whole[:, 17:22], atol=1e-3)
