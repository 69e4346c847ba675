"""Numbers without a range of light, by a range that is given, against a formula."""

import io

import numpy as np
import pytest

from dlcli.errors import UsageError
from dlcli.imaging.reader import read_image
from dlcli.imaging.value_range import ValueRange, parse_range, scaled
from tests.imaging.images import RGB, encode, gradient, source_of


def test_words():
    assert parse_range("") is None
    assert parse_range(" 0,4000 ") == ValueRange(0, 4000)
    assert parse_range("-1.5,2e3") == ValueRange(-1.5, 2000)
    assert parse_range("percentile") == ValueRange()


@pytest.mark.parametrize("text", ["1", "1,1", "2,1", "a,b", "1,2,3", "nan,1", "0,inf", "percentiles", ","])
def test_what_is_no_range(text):
    with pytest.raises(UsageError, match="expected two numbers"):
        parse_range(text)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i2", "i4", "u2", "u4"])
def test_against_the_formula(dtype):
    values = np.arange(0, 3000, 7).reshape(3, -1).astype(dtype)
    share = np.clip((values.astype(float) - 500) / 1500, 0, 1)
    np.testing.assert_array_equal(scaled(values, 500, 2000), np.floor(share * 65535 + 0.5))


def test_ends():
    values = np.array([np.nan, -np.inf, np.inf, 0.5])
    assert scaled(values, 0, 1).tolist() == [0, 0, 65535, 32768]
    assert scaled(np.full(3, 5.0), 5, 5).tolist() == [0, 0, 0]


def test_percentiles_leave_out_what_is_not_finite():
    values = np.concatenate([np.arange(101.0), [np.nan, np.inf]])
    assert ValueRange().limits(values) == (1, 99)
    assert ValueRange().limits(np.array([np.nan])) == (0, 0)


class TestFiles:
    @pytest.fixture(autouse=True)
    def _tifffile(self):
        self.tifffile = pytest.importorskip("tifffile")

    def written(self, values: np.ndarray, **options: object) -> bytes:
        buffer = io.BytesIO()
        self.tifffile.imwrite(buffer, values, **options)
        return buffer.getvalue()

    @pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
    def test_gray(self, dtype):
        share = np.linspace(-0.5, 1.5, 24 * 40).reshape(24, 40).astype(dtype)
        image = read_image(source_of(self.written(share)), keep_16_bit=True, value_range=ValueRange(0, 1))
        expected = np.floor(np.clip(share.astype(float), 0, 1) * 65535 + 0.5)
        np.testing.assert_array_equal(image.pixels, np.dstack([expected] * 3))

    @pytest.mark.parametrize("kind", ["minisblack", "miniswhite"])
    def test_white_may_be_low(self, kind):
        values = np.array([[0, 50, 100]], np.int32)
        image = read_image(source_of(self.written(values, photometric=kind)), value_range=ValueRange(0, 100))
        expected = [0, 128, 255] if kind == "minisblack" else [255, 128, 0]
        assert np.abs(image.pixels[0, :, 0].astype(int) - expected).max() <= 1

    def test_lost_numbers_are_noted(self):
        values = np.array([[0, np.nan, 1, np.inf]], "f4")
        image = read_image(source_of(self.written(values)), value_range=ValueRange(0, 1))
        assert image.pixels[0, :, 0].tolist() == [0, 0, 255, 255]
        assert "2 values that are no finite numbers" in image.notes[0]

    def test_a_thermal_image_of_16_bits(self):
        values = np.linspace(29_000, 31_000, 24 * 40).astype(np.uint16).reshape(24, 40)
        plain = read_image(source_of(self.written(values))).pixels
        ranged = read_image(source_of(self.written(values)), value_range=ValueRange()).pixels
        assert np.ptp(plain) < 10
        assert np.ptp(ranged) == 255

    def test_eight_bits_stay_as_they_are(self):
        for data in (encode(RGB, "PNG"), self.written(gradient(), photometric="rgb")):
            np.testing.assert_array_equal(
                read_image(source_of(data), value_range=ValueRange(50, 60)).pixels, gradient()
            )
