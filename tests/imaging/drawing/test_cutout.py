"""What is cut out: all of the mask, an edge that follows the image, and colors of what is shown alone."""

import numpy as np
import pytest

from dlcli.imaging.drawing import cutout
from dlcli.imaging.drawing.cutout import cut_out, regions

RED, BLUE = (200, 20, 20), (20, 20, 200)


def disc(size: int = 500, radius: float = 150, soft: float = 3) -> tuple[np.ndarray, np.ndarray]:
    """A red disc on blue whose edge is mixed over a few pixels, and its true share float [size, size]."""
    y, x = np.mgrid[:size, :size]
    share = np.clip((radius - np.hypot(x - size / 2, y - size / 2)) / soft + 0.5, 0, 1)
    pixels = share[..., None] * np.array(RED) + (1 - share[..., None]) * np.array(BLUE)
    return pixels.round().astype(np.uint8), share


def blocky(share: np.ndarray, cell: int = 6) -> np.ndarray:
    """As a segmenter finds it: in cells."""
    rows, columns = (np.minimum(np.arange(n) // cell * cell + cell // 2, n - 1) for n in share.shape)
    return share[rows][:, columns] > 0.5


def test_the_edge_is_that_of_the_image_and_not_of_the_mask():
    pixels, share = disc()
    inside = blocky(share)
    alpha = cut_out(pixels, inside, whole=True)[..., 3] / 255
    assert np.abs(alpha - share).mean() < 0.35 * np.abs(inside - share).mean()
    assert len(np.unique(alpha)) > 10
    assert alpha[250, 250] == 1
    assert alpha[3, 3] == 0


def test_nothing_of_the_background_stays_in_the_colors():
    pixels, share = disc()
    rgba = cut_out(pixels, blocky(share), whole=True).astype(int)
    edge = (rgba[..., 3] > 40) & (rgba[..., 3] < 215)
    assert edge.sum() > 100
    before = np.abs(pixels[edge].astype(int) - RED).mean()
    assert np.abs(rgba[edge][:, :3] - RED).mean() < 0.2 * before
    assert (rgba[rgba[..., 3] == 0] == 0).all()
    solid = rgba[..., 3] == 255
    np.testing.assert_array_equal(rgba[solid][:, :3], pixels[solid])


def test_a_part_is_the_whole_without_its_empty_margins():
    pixels, share = disc()
    whole, part = cut_out(pixels, share > 0.5, whole=True), cut_out(pixels, share > 0.5)
    rows, columns = (np.flatnonzero(whole[..., 3].any(axis)) for axis in (1, 0))
    np.testing.assert_array_equal(part, whole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
    assert whole.shape == (500, 500, 4)


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (7, 5), (30, 700)])
def test_any_size(size):
    pixels = np.full((*size, 3), 90, np.uint8)
    inside = np.zeros(size, bool)
    inside[0, 0] = True
    assert cut_out(pixels, inside, whole=True).shape == (*size, 4)
    assert cut_out(pixels, np.ones(size, bool))[..., 3].min() == 255


def test_strips_leave_no_trace(monkeypatch):
    pixels, share = disc()
    whole = cut_out(pixels, share > 0.5)
    monkeypatch.setattr(cutout, "STRIP", 500 * 7)
    np.testing.assert_array_equal(cut_out(pixels, share > 0.5), whole)


def test_regions_come_largest_first_without_specks():
    inside = np.zeros((100, 100), bool)
    inside[5:15, 5:15] = inside[40:90, 40:90] = True
    inside[0, 99] = True  # of 10,000: a speck is less than 10
    found = list(regions(inside))
    assert [int(region.sum()) for region in found] == [2500, 100]
    lone = np.zeros((100, 100), bool)
    lone[3, 3] = True
    assert [int(region.sum()) for region in regions(lone)] == [1]
    assert list(regions(np.zeros((5, 5), bool))) == []
