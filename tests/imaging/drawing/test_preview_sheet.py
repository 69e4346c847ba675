"""The sheet shows both images and histograms that count."""

import numpy as np
import pytest

from dlcli.imaging.depth import to_16_bit
from dlcli.imaging.drawing.preview_sheet import GRAPH, PANEL, before_after, histogram
from tests.imaging.images import gradient


def test_histograms_count():
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    got = histogram(pixels)
    for channel in range(3):
        np.testing.assert_allclose(got[channel], np.histogram(pixels[..., channel], 256, (0, 256))[0] / 600)
    np.testing.assert_allclose(got.sum(1), 1)
    np.testing.assert_array_equal(histogram(to_16_bit(pixels)), got)


@pytest.mark.parametrize(("before", "after"), [((1, 1), (2000, 3)), ((60, 40), (60, 40)), ((5, 900), (700, 700))])
def test_any_sizes_fit(before, after):
    sheet = before_after(gradient(*before), gradient(*after), "a step " * 40)
    assert sheet.dtype == np.uint8
    assert sheet.shape[1] == 2 * PANEL + 60
    assert GRAPH < sheet.shape[0] < PANEL + GRAPH + 200


def test_each_image_is_on_its_side():
    red, blue = np.zeros((2, 100, 100, 3), np.uint8)
    red[..., 0], blue[..., 2] = 255, 255
    sheet = before_after(red, blue, "")
    half = sheet.shape[1] // 2
    assert (sheet[:, :half] == (255, 0, 0)).all(2).sum() >= 100 * 100
    assert (sheet[:, half:] == (0, 0, 255)).all(2).sum() >= 100 * 100
    assert not (sheet[:, half:] == (255, 0, 0)).all(2).any()
