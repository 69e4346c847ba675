"""The reader over good and odd files."""

import hashlib
import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from dlcli.errors import ImageError
from dlcli.imaging.depth import over_white, to_8_bit, to_16_bit
from dlcli.imaging.reader import EXTENSIONS, looks_like_image, read_image
from dlcli.runtime.native_stderr import private_stderr
from tests.imaging.images import RGB, SAMPLES, chunk, encode, failure, gradient, source, source_of


@pytest.mark.parametrize("name", ["cat.jpg", "astronaut.jpg", "great-wave.jpg"])
def test_plain_jpeg_is_what_pillow_says(name):
    image = read_image(source(SAMPLES / name))
    expected = np.array(Image.open(SAMPLES / name).convert("RGB"))
    assert image.pixels.dtype == np.uint8
    np.testing.assert_array_equal(image.pixels, expected)


@pytest.mark.parametrize("format_name", ["PNG", "BMP", "TIFF", "WEBP"])
def test_lossless_formats_keep_every_pixel(format_name):
    options = {"lossless": True} if format_name == "WEBP" else {}
    image = read_image(source_of(encode(RGB, format_name, **options)))
    np.testing.assert_array_equal(image.pixels, gradient())


def test_first_frame_of_gif():
    frames = [Image.new("P", (8, 8), color) for color in (1, 2)]
    for frame in frames:
        frame.putpalette([0, 0, 0, 200, 10, 10, 10, 200, 10])
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (read_image(source_of(data)).pixels == [200, 10, 10]).all()


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once_and_recorded(format_name, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(RGB, format_name, exif=exif, **({"lossless": True} if format_name == "WEBP" else {}))
    image = read_image(source_of(data))
    stored = Image.fromarray(np.array(Image.open(io.BytesIO(encode(RGB, format_name, lossless=True))).convert("RGB")))
    stored.getexif()[0x0112] = orientation
    expected = np.array(ImageOps.exif_transpose(stored))
    assert image.exif_orientation == orientation
    np.testing.assert_array_equal(image.pixels, expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_a_sixteen_bit_tiff(orientation):
    deep = gradient(dtype=np.uint16)
    image = read_image(source_of(sixteen_bit_tiff(deep, orientation)), keep_16_bit=True)
    turned = {
        1: deep,
        2: deep[:, ::-1],
        3: deep[::-1, ::-1],
        4: deep[::-1],
        5: deep.transpose(1, 0, 2),
        6: np.rot90(deep, -1),
        7: deep.transpose(1, 0, 2)[::-1, ::-1],
        8: np.rot90(deep),
    }
    assert image.exif_orientation == orientation
    np.testing.assert_array_equal(image.pixels, turned[orientation])


def sixteen_bit_tiff(deep: np.ndarray, orientation: int) -> bytes:
    """An uncompressed TIFF of one strip, written out by hand (TIFF 6.0, section 2)."""
    height, width = deep.shape[:2]
    pixels = deep.astype("<u2").tobytes()
    short, long, bits_at = 3, 4, 8
    tags = [
        (256, long, 1, width),
        (257, long, 1, height),
        (258, short, 3, bits_at),
        (259, short, 1, 1),
        (262, short, 1, 2),
        (273, long, 1, 16),
        (274, short, 1, orientation),
        (277, short, 1, 3),
        (278, long, 1, height),
        (279, long, 1, len(pixels)),
    ]
    head = b"II*\0" + struct.pack("<I", 16 + len(pixels)) + struct.pack("<4H", 16, 16, 16, 0)
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return head + pixels + directory + bytes(4)


class TestKinds:
    def test_gray_and_one_bit(self):
        gray = RGB.convert("L")
        for image in (gray, gray.convert("1")):
            pixels = read_image(source_of(encode(image, "PNG"))).pixels
            np.testing.assert_array_equal(pixels, np.array(image.convert("RGB")))

    def test_gray_jpeg(self):
        pixels = read_image(source_of(encode(RGB.convert("L"), "JPEG"))).pixels
        assert pixels.shape == (24, 40, 3)
        assert (pixels[..., 0] == pixels[..., 2]).all()

    @pytest.mark.parametrize("mode", ["LA", "RGBA"])
    def test_alpha_is_composited_over_white(self, mode):
        image = RGB.convert(mode)
        image.putalpha(Image.fromarray(np.tile(np.arange(40, dtype=np.uint8) * 6, (24, 1))))
        pixels = read_image(source_of(encode(image, "PNG"))).pixels
        rgba = np.array(image.convert("RGBA")).astype(float)
        share = rgba[..., 3:] / 255
        expected = rgba[..., :3] * share + 255 * (1 - share)
        assert np.abs(pixels - expected).max() <= 0.5 + 1e-9

    def test_palette_with_a_transparent_entry(self):
        image = Image.new("P", (4, 2), 1)
        image.putpalette([0, 0, 0, 10, 20, 30])
        image.putpixel((0, 0), 0)
        pixels = read_image(source_of(encode(image, "PNG", transparency=0))).pixels
        assert pixels[0, 0].tolist() == [255, 255, 255]
        assert pixels[1, 3].tolist() == [10, 20, 30]

    def test_cmyk_jpeg_comes_near_the_original(self):
        pixels = read_image(source_of(encode(RGB.convert("CMYK"), "JPEG", quality=98))).pixels
        assert np.abs(pixels.astype(int) - gradient()).mean() < 4

    def test_sixteen_bit_color_png(self):
        deep = gradient(dtype=np.uint16)
        data = cv2.imencode(".png", deep[..., ::-1])[1].tobytes()
        np.testing.assert_array_equal(read_image(source_of(data), keep_16_bit=True).pixels, deep)
        np.testing.assert_array_equal(read_image(source_of(data)).pixels, np.rint(deep / 257).astype(np.uint8))

    def test_sixteen_bit_color_png_with_an_orientation(self):
        deep = gradient(dtype=np.uint16)
        data = cv2.imencode(".png", deep[..., ::-1])[1].tobytes()
        exif = Image.Exif()
        exif[0x0112] = 6
        image = read_image(source_of(data[:33] + chunk(b"eXIf", exif.tobytes()[6:]) + data[33:]), keep_16_bit=True)
        assert image.exif_orientation == 6
        np.testing.assert_array_equal(image.pixels, np.rot90(deep, -1))

    def test_sixteen_bit_alpha_png(self):
        deep = np.dstack([gradient(dtype=np.uint16), np.full((24, 40), 32768, np.uint16)])
        data = cv2.imencode(".png", deep[..., [2, 1, 0, 3]])[1].tobytes()
        np.testing.assert_array_equal(read_image(source_of(data), keep_16_bit=True).pixels, over_white(deep))

    @pytest.mark.parametrize("suffix", [".png", ".tif"])
    def test_sixteen_bit_gray_uses_the_types_range_not_its_own(self, suffix):
        deep = np.full((5, 6), 1000, np.uint16)
        deep[0, 0] = 1400  # min/max scaling would make this white
        data = cv2.imencode(suffix, deep)[1].tobytes()
        pixels = read_image(source_of(data)).pixels
        assert pixels[0, 0].tolist() == [5, 5, 5]
        assert pixels[1, 1].tolist() == [4, 4, 4]

    def test_float_tiff_is_refused_rather_than_guessed(self):
        data = cv2.imencode(".tif", np.zeros((4, 4), np.float32))[1].tobytes()
        assert failure(source_of(data)).kind == "unsupported"


def test_depth_rules_undo_each_other():
    every = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(to_8_bit(to_16_bit(every)), every)
    all_deep = np.arange(65536, dtype=np.uint16)
    np.testing.assert_array_equal(to_8_bit(all_deep), np.floor(all_deep / 257 + 0.5).astype(np.uint8))


def test_inputs_are_not_changed():
    files = sorted(p for p in SAMPLES.rglob("*") if p.suffix in EXTENSIONS and "shapes" not in p.parts)
    before = [(hashlib.sha256(p.read_bytes()).digest(), p.stat().st_mtime_ns) for p in files]
    assert len(before) >= 15
    with private_stderr():
        for path in files:
            try:
                read_image(source(path))
            except ImageError:
                continue
    assert before == [(hashlib.sha256(p.read_bytes()).digest(), p.stat().st_mtime_ns) for p in files]


def test_pixels_can_be_written_to():
    for data in (encode(RGB, "PNG"), encode(RGB, "JPEG"), encode(RGB.convert("L"), "PNG")):
        read_image(source_of(data)).pixels[0, 0, 0] = 1


@pytest.mark.parametrize(("name", "yes"), [("a.JPG", True), ("b.tiff", True), ("c.txt", False), ("png", False)])
def test_looks_like_image(name, yes):
    assert looks_like_image(name) is yes
