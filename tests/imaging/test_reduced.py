"""JPEGs decoded at a fraction of their size, against OpenCV's averages over areas of all pixels."""

import cv2
import numpy as np
import pytest
from PIL import Image

from dlcli.errors import ImageError
from dlcli.imaging.reader import read_image
from dlcli.records import Source
from dlcli.runtime.native_stderr import private_stderr
from tests.program import CAT

TURNED = range(1, 9)


@pytest.fixture(scope="module")
def large(tmp_path_factory) -> np.ndarray:
    """RGB [1201, 1808, 3]: no side is a multiple of 8."""
    pixels = cv2.imread(str(CAT), cv2.IMREAD_COLOR_RGB)
    return cv2.resize(pixels, (1808, 1201), interpolation=cv2.INTER_CUBIC)


def saved(pixels: np.ndarray, path, orientation: int = 1, **more) -> Source:
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(pixels).save(path, exif=exif, quality=92, **more)
    return Source.of_file(path)


@pytest.mark.parametrize("orientation", TURNED)
@pytest.mark.parametrize("fraction", [2, 4, 8])
def test_it_is_the_average_over_areas(large, tmp_path, fraction, orientation):
    source = saved(large, tmp_path / "a.jpg", orientation)
    whole = read_image(source)
    found = read_image(source, enough=(whole.width // fraction, whole.height // fraction))
    assert (found.reduced, found.width, found.height) == (fraction, whole.width, whole.height)
    assert found.exif_orientation == orientation
    height, width = whole.pixels.shape[0] // fraction, whole.pixels.shape[1] // fraction
    area = cv2.resize(
        whole.pixels[: height * fraction, : width * fraction], (width, height), interpolation=cv2.INTER_AREA
    )
    top, left = found.pixels.shape[0] - height, found.pixels.shape[1] - width  # a side that is no multiple has a rest
    assert {top, left} <= {0, 1}
    shifts = [
        np.abs(found.pixels[y : y + height, x : x + width].astype(int) - area).mean()
        for y in range(top + 1)
        for x in range(left + 1)
    ]
    assert min(shifts) < 2.5


def test_a_progressive_one_too(large, tmp_path):
    source = saved(large, tmp_path / "a.jpg", progressive=True)
    found = read_image(source, enough=(400, 300))
    assert (found.reduced, found.pixels.shape) == (4, (301, 452, 3))


@pytest.mark.parametrize("enough", [(1808, 1201), (905, 100), (100, 601), (1000, 700)])
def test_what_is_not_twice_as_large_is_decoded_whole(large, tmp_path, enough):
    source = saved(large, tmp_path / "a.jpg")
    found = read_image(source, enough=enough)
    assert (found.reduced, found.full) == (1, None)
    assert np.array_equal(found.pixels, read_image(source).pixels)


def test_a_small_one_is_decoded_whole():
    assert read_image(Source.of_file(CAT), enough=(8, 8)).reduced == 1


@pytest.mark.parametrize("suffix", [".png", ".webp", ".bmp"])
def test_other_formats_are_decoded_whole(large, tmp_path, suffix):
    Image.fromarray(large).save(tmp_path / f"a{suffix}")
    assert read_image(Source.of_file(tmp_path / f"a{suffix}"), enough=(10, 10)).pixels.shape == large.shape


def test_damage_is_seen_as_in_the_whole(large, tmp_path):
    source = saved(large, tmp_path / "a.jpg")
    data = bytearray((tmp_path / "a.jpg").read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4000] = bytes(4000)
    (tmp_path / "a.jpg").write_bytes(data)
    for enough in (None, (180, 120)):
        with private_stderr(), pytest.raises(ImageError, match="damaged in the middle"):
            read_image(source, enough=enough)


def test_a_cut_off_one_is_truncated(large, tmp_path):
    source = saved(large, tmp_path / "a.jpg")
    (tmp_path / "a.jpg").write_bytes((tmp_path / "a.jpg").read_bytes()[:-20_000])
    with pytest.raises(ImageError) as refused:
        read_image(source, enough=(180, 120))
    assert refused.value.kind == "truncated"
