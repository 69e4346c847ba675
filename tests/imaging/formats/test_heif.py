"""HEIC and AVIF: read where a reader is installed, else refused by name."""

import io

import numpy as np
import pytest
from PIL import Image

from dlcli.imaging.file_info import read_image_info
from dlcli.imaging.formats.heif import register, stored_bits
from dlcli.imaging.reader import read_image
from tests.imaging.images import RGB, failure, gradient, source_of


def saved(kind: str, image: Image.Image = RGB, **options: object) -> bytes:
    if not register(kind):
        pytest.skip(f"nothing here reads {kind}")
    buffer = io.BytesIO()
    image.save(buffer, kind, quality=95, **options)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
class TestRead:
    def test_colors(self, kind):
        source = source_of(saved(kind))
        image = read_image(source)
        assert np.abs(image.pixels.astype(int) - gradient()).mean() < 5
        assert read_image_info(source).format == kind

    def test_orientation(self, kind):
        """By the container's own word, which Pillow writes for AVIF; what EXIF says beside it does not count."""
        exif = Image.Exif()
        exif[0x0112] = 6
        expected = np.rot90(gradient(), -1) if kind == "AVIF" else gradient()
        pixels = read_image(source_of(saved(kind, exif=exif))).pixels
        assert pixels.shape == expected.shape
        assert np.abs(pixels.astype(int) - expected).mean() < 5

    def test_alpha(self, kind):
        clear = RGB.convert("RGBA")
        clear.putalpha(0)
        assert read_image(source_of(saved(kind, clear))).pixels.min() > 250

    def test_cut_off(self, kind):
        data = saved(kind)
        for share in (0.3, 0.6, 0.9):
            assert failure(source_of(data[: int(len(data) * share)])).kind in {"damaged", "truncated"}


@pytest.mark.parametrize(("kind", "brand"), [("AVIF", b"avif"), ("HEIF", b"heic")])
def test_without_a_reader(kind, brand, monkeypatch):
    monkeypatch.setattr("dlcli.imaging.formats.heif.register", lambda name: False)
    error = failure(source_of(b"\0\0\0\x1cftyp" + brand + b"\0\0\0\0mif1" + brand + bytes(100)))
    assert error.kind == "unsupported"
    assert "dlcli-vision[formats]" in str(error)


def test_bits_are_seen():
    assert stored_bits(b"....pixi\0\0\0\0\3\x0a\x0a\x0a....") == 10
    assert stored_bits(b"no such property") == 8


def test_avif_of_ten_bits_is_noted():
    imagecodecs = pytest.importorskip("imagecodecs")
    if not register("AVIF"):
        pytest.skip("Pillow without AVIF")
    data = imagecodecs.avif_encode(gradient(dtype=np.uint16) >> 6, level=95, bitspersample=10)
    image = read_image(source_of(data))
    assert image.notes == ("its 10 bits a sample were read as 8",)
    assert np.abs(image.pixels.astype(int) - gradient()).mean() < 5
