"""Enhancements against OpenCV's own calls and against their formulas."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcli.imaging.reader import read_image
from dlcli.imaging.steps import enhance
from dlcli.imaging.steps.table import FORMS
from tests.imaging.images import SAMPLES, gradient, source

CAT = read_image(source(SAMPLES / "cat.jpg")).pixels


@pytest.mark.parametrize(("clip", "grid"), [(2.0, 8), (4.0, 3), (40.0, 16)])
def test_clahe_is_opencvs_on_l_of_lab(clip, grid):
    lab = cv2.cvtColor(CAT, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(clip, (grid, grid)).apply(np.ascontiguousarray(lab[..., 0]))
    np.testing.assert_array_equal(enhance.clahe(CAT, clip, grid), cv2.cvtColor(lab, cv2.COLOR_LAB2RGB))


@pytest.mark.parametrize("g", [0.05, 0.5, 0.8, 1.0, 2.2, 20.0])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_gamma_is_its_formula(g, dtype):
    pixels, top = gradient(dtype=dtype), np.iinfo(dtype).max
    expected = np.rint(top * (pixels.astype(np.float64) / top) ** g)
    np.testing.assert_array_equal(enhance.gamma(pixels, g), expected)


def test_gamma_below_one_brightens():
    assert enhance.gamma(CAT, 0.5).mean() > CAT.mean() > enhance.gamma(CAT, 2).mean()


@settings(deadline=None)
@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_gray_is_bt601(r, g, b):
    pixel = enhance.gray(np.full((1, 1, 3), (r, g, b), np.uint8))[0, 0]
    assert len(set(pixel.tolist())) == 1
    assert abs(pixel[0] - (0.299 * r + 0.587 * g + 0.114 * b)) <= 0.51


def test_equalize_spreads_lightness_and_keeps_gray_gray():
    dull = np.repeat(np.tile(np.arange(100, 140, dtype=np.uint8), (40, 1))[..., None], 3, axis=2)
    out = enhance.equalize(dull).astype(int)
    assert out.max() - out.min() > 240
    assert np.abs(out[..., 0] - out[..., 2]).max() <= 2


@pytest.mark.parametrize("method", ["bilateral", "nlmeans"])
def test_denoise_removes_noise_and_keeps_the_edge(method):
    clean = np.full((48, 48, 3), 60, np.uint8)
    clean[:, 24:] = 190
    noise = np.random.default_rng(0).normal(0, 10, clean.shape)
    noisy = np.clip(clean + noise, 0, 255).astype(np.uint8)
    out = enhance.denoise(noisy, method, 15).astype(float)
    assert np.abs(out - clean).mean() < 0.6 * np.abs(noisy - clean.astype(float)).mean()
    assert out[:, 26:].mean() - out[:, :22].mean() > 120


def test_sharpen_is_an_unsharp_mask():
    blurred = cv2.GaussianBlur(CAT, (0, 0), 1.5).astype(float)
    expected = np.clip(CAT + 0.7 * (CAT - blurred), 0, 255)
    assert np.abs(enhance.sharpen(CAT, 0.7, 1.5) - expected).max() <= 1
    np.testing.assert_array_equal(enhance.sharpen(CAT, 0, 1), CAT)


def test_white_balance_makes_the_means_equal_and_survives_black():
    cast = (CAT * (0.9, 0.7, 0.5)).astype(np.uint8)
    means = enhance.white_balance(cast).mean(axis=(0, 1))
    assert np.ptp(means) < 0.02 * means.mean() < np.ptp(cast.mean(axis=(0, 1)))
    assert (enhance.white_balance(np.zeros((3, 3, 3), np.uint8)) == 0).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_stretch_is_between_percentiles(dtype):
    """By a sorted list; the lowest and the highest 2 % are clipped, and one gain serves the three channels."""
    pixels, top = (CAT // 4 + 40).astype(dtype), np.iinfo(dtype).max
    ranked = np.sort(pixels.ravel()).astype(float)
    black, white = ranked[int(0.02 * len(ranked)) - 1], ranked[int(0.98 * len(ranked)) - 1]
    expected = top * np.clip((pixels - black) / (white - black), 0, 1)
    assert np.abs(enhance.stretch(pixels, 2, 98) - expected).max() <= 0.5
    whole = enhance.stretch(pixels, 0, 100)
    assert (whole.min(), whole.max()) == (0, top)
    assert set(np.unique(enhance.stretch(np.full((4, 4, 3), 7, dtype)))) <= {0, top}


@pytest.mark.parametrize("form", [form for form in FORMS if form.keeps_geometry], ids=lambda form: form.name)
@pytest.mark.parametrize("size", [(1, 1), (1, 7), (13, 2), (31, 17)])
def test_every_step_gives_a_new_image_of_the_same_kind(form, size):
    """Also on images smaller than a CLAHE grid, and with every argument at its ends."""
    for dtype in [np.uint8, np.uint16] if form.keeps_16_bit else [np.uint8]:
        pixels = gradient(*size, dtype=dtype)
        before = pixels.copy()
        for end in ("low", "high"):
            values = {a.name: a.choices[0] if a.choices else a.kind(getattr(a, end)) for a in form.arguments}
            out = getattr(enhance, form.name)(pixels, **values)
            assert (out.shape, out.dtype) == (pixels.shape, pixels.dtype)
            assert not np.shares_memory(out, pixels)
            np.testing.assert_array_equal(pixels, before)
