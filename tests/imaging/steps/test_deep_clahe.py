"""CLAHE of 16 bits: OpenCV's effect on 8 bits, by OpenCV itself and by a loop written out; levels stay apart."""

import cv2
import numpy as np
import pytest

from dlcli.imaging.depth import to_8_bit, to_16_bit
from dlcli.imaging.steps import enhance
from dlcli.imaging.steps.deep_clahe import deep_clahe
from dlcli.imaging.steps.deep_lightness import on_deep_lightness
from tests.imaging.steps.test_enhance import CAT

GRAY = cv2.cvtColor(CAT, cv2.COLOR_RGB2GRAY)


@pytest.mark.parametrize("size", [(451, 300), (64, 64), (97, 31), (13, 2), (1, 7)])
@pytest.mark.parametrize("grid", [1, 3, 8, 16])
def test_scaled_up_it_is_opencvs_to_one_level(size, grid):
    plane = np.ascontiguousarray(GRAY[: size[1], : size[0]])
    for clip in (0.1, 1, 2, 4, 40, 100):
        expected = cv2.createCLAHE(clip, (grid, grid)).apply(plane)
        assert np.abs(deep_clahe(to_16_bit(plane), clip, grid) / 257 - expected).max() <= 1


def test_it_is_the_loop():
    plane = np.random.default_rng(0).integers(9000, 30_000, (24, 30)).astype(np.uint16)
    expected = by_loop(plane, 3.0, 3)
    assert np.abs(deep_clahe(plane, 3.0, 3) - expected).max() <= 1


def by_loop(plane: np.ndarray, clip: float, grid: int) -> np.ndarray:
    """A pixel at a time, in float64. Sides are multiples of the grid."""
    height, width = plane.shape[0] // grid, plane.shape[1] // grid
    curves = {}
    for row in range(grid):
        for column in range(grid):
            counts = [0] * 256
            for value in plane[row * height : (row + 1) * height, column * width : (column + 1) * width].ravel():
                counts[round(int(value) / 257)] += 1
            limit = max(1, int(clip * height * width / 256))
            excess = sum(max(0, count - limit) for count in counts)
            counts = [min(count, limit) + excess // 256 for count in counts]
            left = excess % 256
            for i in range(left):
                counts[i * max(1, 256 // left)] += 1
            curves[row, column] = np.cumsum(counts) * 65535 / (height * width)
    out = np.empty(plane.shape)
    for y, x in np.ndindex(plane.shape):
        down, right = y / height - 0.5, x / width - 0.5
        out[y, x] = 0
        for row in (int(np.floor(down)), int(np.floor(down)) + 1):
            for column in (int(np.floor(right)), int(np.floor(right)) + 1):
                curve = curves[min(max(row, 0), grid - 1), min(max(column, 0), grid - 1)]
                share = (1 - abs(down - row)) * (1 - abs(right - column))
                out[y, x] += share * np.interp(plane[y, x] / 257, range(256), curve)
    return out


def shades(levels: int) -> np.ndarray:
    """Smooth noise of so many gray levels in a narrow range, as a microscope gives it: uint16 [H, W, 3]."""
    noise = np.random.default_rng(1).normal(size=(300, 451)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 9)
    plane = 20_000 + levels * (smooth - smooth.min()) / np.ptp(smooth)
    return np.repeat(plane.astype(np.uint16)[..., None], 3, axis=2)


def test_each_clip_has_its_effect_and_levels_stay():
    deep = shades(3670)
    before = len(np.unique(deep))
    spreads = []
    for clip in (0.5, 1, 2, 4, 10, 40):
        out = enhance.clahe(deep, clip)
        assert len(np.unique(out)) >= before
        assert np.ptp(out, axis=2).max() <= 1  # gray stays gray
        spreads.append(int(np.ptp(out)))
        shallow = enhance.clahe(to_8_bit(deep), clip)
        strength = np.ptp(out) / 257 / np.ptp(shallow)  # of which 8 bits have 15 levels to tell by
        assert 0.8 < strength < 1.25
    assert spreads == sorted(set(spreads))


@pytest.mark.parametrize("clip", [1.0, 2.0, 4.0])
def test_a_photograph_looks_as_on_8_bits(clip):
    """The tolerance: 1.2 of 255 levels on average, most of which is what LAB of 8 bits rounds."""
    apart = np.abs(enhance.clahe(to_16_bit(CAT), clip) / 257 - enhance.clahe(CAT, clip))
    assert apart.mean() < 1.2
    assert np.quantile(apart, 0.99) < 5


def test_lightness_comes_back_with_every_level():
    """And is the L of CIE LAB by its formula."""
    ramp = np.repeat(np.arange(65536, dtype=np.uint16).reshape(256, 256, 1), 3, axis=2)
    seen = []

    def keep(plane):
        seen.append(plane)
        return plane

    back = on_deep_lightness(ramp, keep)
    assert np.abs(back.astype(int) - ramp).max() <= 4
    assert len(np.unique(back)) > 60_000
    v = ramp[..., 0] / 65535
    light = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    expected = np.where(light > 216 / 24389, 116 * np.cbrt(light) - 16, light * 24389 / 27)
    assert np.abs(seen[0] * (100 / 65535) - expected).max() < 0.01
