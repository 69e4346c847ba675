"""Images written are the images read back."""

import numpy as np
import pytest

from dlcli.errors import UsageError
from dlcli.imaging.reader import read_image
from dlcli.imaging.writer import encode_image, write_image
from tests.imaging.images import gradient, source


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".TIFF", ".tif"])
def test_lossless_round_trip(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    write_image(path, gradient())
    np.testing.assert_array_equal(read_image(source(path)).pixels, gradient())


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_are_kept(tmp_path, suffix):
    deep = gradient(dtype=np.uint16)
    write_image(tmp_path / f"a{suffix}", deep)
    np.testing.assert_array_equal(read_image(source(tmp_path / f"a{suffix}"), keep_16_bit=True).pixels, deep)


@pytest.mark.parametrize("suffix", [".jpg", ".webp"])
def test_quality_counts(tmp_path, suffix):
    noisy = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    assert len(encode_image(noisy, suffix, 95)) > 1.5 * len(encode_image(noisy, suffix, 40))


def test_jpeg_is_rgb_not_bgr(tmp_path):
    write_image(tmp_path / "a.jpg", np.full((16, 16, 3), (250, 10, 10), np.uint8))
    assert np.abs(read_image(source(tmp_path / "a.jpg")).pixels.astype(int) - (250, 10, 10)).max() < 6


def test_a_view_of_an_array_is_fine(tmp_path):
    write_image(tmp_path / "a.png", gradient()[::2, ::-1])
    np.testing.assert_array_equal(read_image(source(tmp_path / "a.png")).pixels, gradient()[::2, ::-1])


def test_unknown_suffix_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(UsageError, match=r"\.xyz.*\.png"):
        write_image(tmp_path / "a.xyz", gradient())
    assert not list(tmp_path.iterdir())
