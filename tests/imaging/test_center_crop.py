"""The middle of an image, and the way back."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcli.imaging.geometry import center_crop

sides = st.integers(1, 90)


@settings(deadline=None)
@given(sides, sides, sides, sides, st.floats(0.05, 1))
def test_the_middle_in_the_shape_asked_for(width, height, w, h, share):
    pixels, placement = center_crop(np.zeros((height, width, 3), np.uint8), (w, h), share)
    assert pixels.shape == (h, w, 3)
    x1, y1, x2, y2 = placement.to_source(np.array([[0, 0, w, h]], np.float32))[0]
    assert abs((x1 + x2) / 2 - width / 2) <= 0.51
    assert abs((y1 + y2) / 2 - height / 2) <= 0.51
    scale = min(width / w, height / h) * share
    assert abs((x2 - x1) - w * scale) <= 0.51 or x2 - x1 == pytest.approx(1, abs=1e-3)
    assert abs((y2 - y1) - h * scale) <= 0.51 or y2 - y1 == pytest.approx(1, abs=1e-3)


def test_like_resizing_the_shorter_side_and_cutting_the_middle():
    rng = np.random.default_rng(0)
    small = rng.integers(0, 256, (12, 16, 3), dtype=np.uint8)
    pixels = cv2.resize(small, (400, 300), interpolation=cv2.INTER_CUBIC)
    ours, _ = center_crop(pixels, (224, 224), 0.875)
    whole = cv2.resize(pixels, (round(400 * 256 / 300), 256), interpolation=cv2.INTER_LINEAR)
    left = (whole.shape[1] - 224) // 2
    theirs = whole[16 : 16 + 224, left : left + 224]
    assert np.abs(ours.astype(int) - theirs).mean() < 3


def test_the_whole_image_where_the_shape_fits():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    assert np.array_equal(center_crop(pixels, (30, 20))[0], pixels)
