"""TIFF files to RGB: what each tag means, against rules written out for a pixel, and against ImageMagick."""

import io
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from dlcli.imaging.reader import read_image
from tests.imaging.formats.tiff.files import by_hand, packed
from tests.imaging.images import RGB, encode, failure, gradient, source_of

tifffile = pytest.importorskip("tifffile")
DEEP = gradient(dtype=np.uint16)
ALPHA = np.linspace(0, 65535, 40).astype(np.uint16) * np.ones((24, 1), np.uint16)


def written(values: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, **options)
    return buffer.getvalue()


def read(data: bytes) -> np.ndarray:
    return read_image(source_of(data), keep_16_bit=True).pixels


def notes(data: bytes) -> str:
    return "; ".join(read_image(source_of(data)).notes)


def over_white(color: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    share = alpha[..., None] / 65535
    return color * share + 65535 * (1 - share)


@pytest.mark.parametrize("kind", ["minisblack", "miniswhite"])
def test_gray(kind):
    gray = DEEP[..., 0]
    expected = gray if kind == "minisblack" else 65535 - gray
    np.testing.assert_array_equal(read(written(gray, photometric=kind)), np.dstack([expected] * 3))


@pytest.mark.parametrize("planes", ["contig", "separate"])
def test_color(planes):
    stored = DEEP if planes == "contig" else np.moveaxis(DEEP, -1, 0)
    np.testing.assert_array_equal(read(written(stored, photometric="rgb", planarconfig=planes)), DEEP)


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_fewer_bits_than_the_type_fill_its_range(bits):
    top = (1 << bits) - 1
    gray = np.linspace(0, top, 24 * 40).astype(np.uint16).reshape(24, 40)
    found = read(packed(gray, bits))
    np.testing.assert_array_equal(found[..., 0], np.floor(gray / top * 65535 + 0.5))
    assert (found.min(), found.max()) == (0, 65535)
    inverse = read(packed(gray, bits, photometric=0))
    np.testing.assert_array_equal(inverse, 65535 - found)


class TestBands:
    def test_straight_alpha(self):
        data = written(np.dstack([DEEP, ALPHA]), photometric="rgb", extrasamples=["unassalpha"])
        assert np.abs(read(data) - over_white(DEEP, ALPHA)).max() <= 0.5
        assert notes(data) == ""

    def test_premultiplied_alpha(self):
        stored = (DEEP * (ALPHA[..., None] / 65535)).astype(np.uint16)
        data = written(np.dstack([stored, ALPHA]), photometric="rgb", extrasamples=["assocalpha"])
        assert np.abs(read(data) - over_white(DEEP, ALPHA)).max() <= 1

    def test_gray_and_alpha(self):
        gray = DEEP[..., 0]
        data = written(np.dstack([gray, ALPHA]), photometric="minisblack", extrasamples=["unassalpha"])
        expected = np.dstack([over_white(gray[..., None], ALPHA)] * 3)
        assert np.abs(read(data) - expected).max() <= 0.5

    @pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
    def test_unspecified_is_not_alpha(self, dtype):
        stored = np.dstack([gradient(dtype=dtype), ALPHA.astype(dtype)])
        data = written(stored, photometric="rgb", extrasamples=["unspecified"])
        np.testing.assert_array_equal(read(data), gradient(dtype=dtype))
        assert "of its 4 bands only the first three" in notes(data)

    @pytest.mark.parametrize("planes", ["contig", "separate"])
    def test_alpha_behind_other_bands(self, planes):
        stored = np.dstack([DEEP, DEEP[..., 0], ALPHA])
        stored = stored if planes == "contig" else np.moveaxis(stored, -1, 0)
        data = written(stored, photometric="rgb", extrasamples=["unspecified", "unassalpha"], planarconfig=planes)
        assert np.abs(read(data) - over_white(DEEP, ALPHA)).max() <= 0.5
        assert "of its 5 bands only" in notes(data)

    def test_a_fourth_band_without_a_word_is_alpha_as_others_take_it(self):
        stored = np.dstack([gradient(), (ALPHA // 257).astype(np.uint8)])
        tags = {256: 40, 257: 24, 258: 8, 259: 1, 262: 2, 277: 4}
        found = read(by_hand(stored.tobytes(), tags))
        assert np.abs(found * 257.0 - over_white(gradient() * 257.0, ALPHA)).max() <= 600
        assert "taken for transparency" in notes(by_hand(stored.tobytes(), tags))


def test_inks():
    stored = np.array(RGB.convert("CMYK"))
    expected = np.array(RGB.convert("CMYK").convert("RGB"))
    for dtype, factor in ((np.uint8, 1), (np.uint16, 257)):
        data = written(stored.astype(dtype) * dtype(factor), photometric="separated")
        np.testing.assert_array_equal(read(data), expected)
    assert "16 bits were read as 8" in notes(data)


def test_an_orientation_in_a_planar_file():
    data = written(np.moveaxis(DEEP, -1, 0), photometric="rgb", planarconfig="separate", extratags=[(274, 3, 1, 6)])
    np.testing.assert_array_equal(read(data), np.rot90(DEEP, -1))


class TestRefused:
    @pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "u4", "i2", "i4"])
    def test_numbers_without_a_range(self, dtype):
        error = failure(source_of(written(DEEP[..., 0].astype(dtype), photometric="minisblack")))
        assert error.kind == "unsupported"
        assert "--range" in str(error)

    def test_a_deep_palette(self):
        colors = np.random.default_rng(0).integers(0, 65536, (3, 65536), np.uint16)
        error = failure(source_of(written(DEEP[..., 0], photometric="palette", colormap=colors)))
        assert error.kind == "unsupported"
        assert "its palette colors are not read as they are stored (16 bits, compression none" in str(error)

    def test_lab(self):
        assert "CIE Lab" in str(
            failure(source_of(encode(RGB, "TIFF").replace(b"\6\1\3\0\1\0\0\0\2", b"\6\1\3\0\1\0\0\0\x08")))
        )

    def test_a_preview_of_a_larger_page(self):
        buffer = io.BytesIO()
        with tifffile.TiffWriter(buffer) as file:
            file.write(np.ascontiguousarray(gradient()[::4, ::4]), photometric="rgb", subifds=1, subfiletype=1)
            file.write(gradient(), photometric="rgb")
        error = failure(source_of(buffer.getvalue()))
        assert error.kind == "unsupported"
        assert "only a preview (10 x 6)" in str(error)

    def test_compressions_are_named(self, monkeypatch):
        monkeypatch.setattr("dlcli.imaging.formats.tiff.decode.has_tifffile", lambda: False)
        data = by_hand(bytes(64), {256: 8, 257: 8, 258: 8, 259: 34887, 262: 1, 277: 1})
        error = failure(source_of(data))
        assert error.kind == "unsupported"
        assert "LERC" in str(error)
        assert "dlcli-vision[formats]" in str(error)


def test_pages_are_counted():
    pages = written(np.stack([DEEP[..., 0]] * 3), photometric="minisblack")
    assert notes(pages) == "the first of 3 pages was read"


@pytest.mark.parametrize("threads", [1, 4])
def test_pixels_do_not_depend_on_what_was_decoded_before(threads):
    """OpenCV handed out planar files half written, with the pixels of whatever was decoded before them."""
    planar = written(np.moveaxis(DEEP, -1, 0), photometric="rgb", planarconfig="separate", compression="zlib")
    dice = np.random.default_rng(1)
    others = [encode(Image.fromarray(dice.integers(0, 255, (24, 40, 3), np.uint8)), kind) for kind in ("JPEG", "PNG")]
    others += [written(dice.integers(0, 65535, (24, 40, 3), np.uint16), photometric="rgb")]
    work = [planar, *others] * 20
    with ThreadPoolExecutor(threads) as pool:
        found = list(pool.map(read, work))
    for pixels in found[:: len(others) + 1]:
        np.testing.assert_array_equal(pixels, DEEP)


IMAGEMAGICK = shutil.which("magick") or ("/usr/bin/convert" if shutil.which("/usr/bin/convert") else None)


@pytest.mark.skipif(IMAGEMAGICK is None, reason="ImageMagick is not installed")
@pytest.mark.parametrize(
    "options",
    [
        {"photometric": "rgb", "planarconfig": "separate"},
        {"photometric": "rgb", "compression": "zlib"},
        {"photometric": "minisblack"},
        {"photometric": "miniswhite"},
        {"photometric": "rgb", "extrasamples": ["unassalpha"]},
        {"photometric": "rgb", "extrasamples": ["assocalpha"]},
    ],
    ids=str,
)
def test_as_imagemagick_has_it(options, tmp_path):
    values = DEEP if options["photometric"] == "rgb" else DEEP[..., 0]
    if "extrasamples" in options:
        color = DEEP if options["extrasamples"] == ["unassalpha"] else (DEEP * (ALPHA[..., None] / 65535)).astype("u2")
        values = np.dstack([color, ALPHA])
    if options.get("planarconfig") == "separate":
        values = np.moveaxis(values, -1, 0)
    path = tmp_path / "a.tif"
    path.write_bytes(written(values, **options))
    command = [IMAGEMAGICK, path, "-background", "white", "-alpha", "remove", "-depth", "16", "RGB:-"]
    done = subprocess.run(command, capture_output=True, check=True)
    expected = np.frombuffer(done.stdout, "<u2").reshape(DEEP.shape)
    assert np.abs(read(path.read_bytes()).astype(int) - expected).max() <= 2
