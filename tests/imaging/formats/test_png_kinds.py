"""PNG files with odd chunks around the image, and those of 16 bits, against rules written out for a pixel."""

import io
import struct
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from dlcli.imaging.file_info import read_image_info
from dlcli.imaging.reader import read_image
from dlcli.imaging.value_range import ValueRange
from tests.imaging.images import RGB, chunk, encode, failure, gradient, source_of

PLAIN = encode(RGB, "PNG")
DEEP = gradient(dtype=np.uint16)
BEHIND_HEADER = 33


def deep_png(pixels: np.ndarray) -> bytes:
    order = [2, 1, 0, 3][: pixels.shape[2]] if pixels.ndim == 3 else slice(None)
    return cv2.imencode(".png", pixels[..., order] if pixels.ndim == 3 else pixels)[1].tobytes()


def inserted(data: bytes, *chunks: bytes) -> bytes:
    return data[:BEHIND_HEADER] + b"".join(chunks) + data[BEHIND_HEADER:]


def broken(name: bytes, body: bytes) -> bytes:
    return chunk(name, body)[:-4] + b"\0\0\0\0"


@pytest.mark.parametrize(
    "odd",
    [
        chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * (2 << 20))),
        chunk(b"iTXt", b"Comment\0\1\0\0\0" + zlib.compress(b"x" * (2 << 20))),
        chunk(b"tEXt", b"Comment\0" + b"x" * (2 << 20)),
        chunk(b"iCCP", b"name\0\0" + zlib.compress(bytes(2 << 20))),
        b"".join(chunk(b"zTXt", b"a%d\0\0" % i + zlib.compress(b"x" * (1 << 20))) for i in range(70)),
    ],
    ids=["zTXt", "iTXt", "tEXt", "iCCP", "many"],
)
def test_long_texts_and_profiles_do_not_matter(odd):
    source = source_of(inserted(PLAIN, odd))
    image = read_image(source)
    np.testing.assert_array_equal(image.pixels, gradient())
    assert image.notes == ()
    assert read_image_info(source).format == "PNG"


@pytest.mark.parametrize("name", [b"pHYs", b"tIME", b"eXIf", b"zTXt", b"gAMA", b"prVt"])
def test_a_wrong_sum_beside_the_image_is_noted(name):
    image = read_image(source_of(inserted(PLAIN, broken(name, bytes(9)))))
    np.testing.assert_array_equal(image.pixels, gradient())
    assert image.notes == (f"its {name.decode()} chunk has a wrong checksum and was left out",)


def test_a_wrong_sum_behind_the_image_is_noted():
    image = read_image(source_of(PLAIN[:-12] + broken(b"tEXt", b"a\0b") + PLAIN[-12:]))
    assert len(image.notes) == 1


@pytest.mark.parametrize("name", [b"IHDR", b"IDAT"])
def test_a_wrong_sum_of_the_image_itself_is_damage(name):
    at = PLAIN.index(name)
    length = struct.unpack(">I", PLAIN[at - 4 : at])[0]
    end = at + 4 + length
    assert failure(source_of(PLAIN[:end] + b"\0\0\0\0" + PLAIN[end + 4 :])).kind == "damaged"


def test_apples_own_kind_is_named():
    error = failure(source_of(PLAIN[:8] + chunk(b"CgBI", b"\x50\0\x20\6") + PLAIN[8:]))
    assert error.kind == "unsupported"
    assert "CgBI" in str(error)


class TestSixteenBits:
    def test_a_gray_key_is_laid_over_white(self):
        gray = DEEP[..., 0].copy()
        gray[3, 5] = 4660
        data = inserted(deep_png(gray), chunk(b"tRNS", struct.pack(">H", 4660)))
        expected = np.dstack([gray] * 3)
        expected[gray == 4660] = 65535
        np.testing.assert_array_equal(read_image(source_of(data), keep_16_bit=True).pixels, expected)
        assert (gray == 4660).any()

    def test_a_color_key_is_laid_over_white(self):
        color = DEEP.copy()
        color[2, 2] = (1, 2, 3)
        color[4, 4] = (1, 2, 4)
        data = inserted(deep_png(color), chunk(b"tRNS", struct.pack(">3H", 1, 2, 3)))
        pixels = read_image(source_of(data), keep_16_bit=True).pixels
        assert pixels[2, 2].tolist() == [65535] * 3
        assert pixels[4, 4].tolist() == [1, 2, 4]

    def test_gray_and_alpha(self):
        stored = np.dstack([DEEP[..., 0], np.full(DEEP.shape[:2], 32768, np.uint16)])
        raw = b"".join(b"\0" + row.astype(">u2").tobytes() for row in stored)
        head = chunk(b"IHDR", struct.pack(">IIBBBBB", 40, 24, 16, 4, 0, 0, 0))
        data = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
        expected = DEEP[..., :1] * (32768 / 65535) + 65535 * (1 - 32768 / 65535)
        assert np.abs(read_image(source_of(data), keep_16_bit=True).pixels - expected).max() <= 0.5

    @pytest.mark.parametrize("deep", [False, True])
    def test_the_still_image_of_an_animation(self, deep):
        """Its frames stand behind it, and it is none of them."""
        still = deep_png(DEEP) if deep else PLAIN
        other = deep_png(DEEP[::-1].copy()) if deep else encode(Image.fromarray(gradient()[::-1].copy()), "PNG")
        body = b"".join(other[at + 4 : at + 4 + n] for at, n in idat_chunks(other))
        control = struct.pack(">5I2H2B", 0, 40, 24, 0, 0, 1, 1, 0, 0)
        frame = chunk(b"fcTL", control) + chunk(b"fdAT", struct.pack(">I", 1) + body)
        data = inserted(still, chunk(b"acTL", struct.pack(">II", 1, 0)))
        image = read_image(source_of(data[:-12] + frame + data[-12:]), keep_16_bit=True)
        np.testing.assert_array_equal(image.pixels, DEEP if deep else gradient())
        assert image.notes == ("the still image was read, which is none of the 1 frames of its animation",)

    def test_a_range(self):
        gray = np.array([[0, 100, 150, 200, 300]], np.uint16)
        image = read_image(source_of(deep_png(gray)), value_range=ValueRange(100, 200))
        assert image.pixels[0, :, 0].tolist() == [0, 0, 128, 255, 255]


def idat_chunks(data: bytes) -> list[tuple[int, int]]:
    at, found = 8, []
    while at < len(data):
        length = struct.unpack(">I", data[at : at + 4])[0]
        if data[at + 4 : at + 8] == b"IDAT":
            found.append((at + 4, length))
        at += 12 + length
    return found


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_a_key_of_few_bits(bits):
    """Written out by hand: the darkest value is transparent, so white."""
    values = np.arange(1 << bits, dtype=np.uint8)
    packed = np.packbits(((values[:, None] >> np.arange(bits - 1, -1, -1)) & 1).astype(np.uint8).ravel())
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", len(values), 1, bits, 0, 0, 0, 0))
    body = chunk(b"tRNS", struct.pack(">H", 1)) + chunk(b"IDAT", zlib.compress(b"\0" + packed.tobytes()))
    data = b"\x89PNG\r\n\x1a\n" + head + body + chunk(b"IEND", b"")
    expected = values * (255 // ((1 << bits) - 1))
    expected[1] = 255
    assert read_image(source_of(data)).pixels[0, :, 0].tolist() == expected.tolist()
    assert Image.open(io.BytesIO(data)).size == (len(values), 1)
