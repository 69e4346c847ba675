"""The reader over good, odd and bad files."""

import hashlib
import io
import os
import struct
import subprocess
import sys
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from dlcli.errors import PictureError
from dlcli.imaging.depth import over_white, to_8_bit, to_16_bit
from dlcli.imaging.reader import EXTENSIONS, looks_like_picture, read_picture
from dlcli.runtime.native_stderr import private_stderr
from tests.imaging.pictures import SAMPLES, encode, gradient, source, source_of

RGB = Image.fromarray(gradient())


def failure(src, **options) -> PictureError:
    with pytest.raises(PictureError) as caught:
        read_picture(src, **options)
    assert str(caught.value).startswith(src.text + ": ")
    return caught.value


@pytest.mark.parametrize("name", ["cat.jpg", "astronaut.jpg", "great-wave.jpg"])
def test_plain_jpeg_is_what_pillow_says(name):
    picture = read_picture(source(SAMPLES / name))
    expected = np.array(Image.open(SAMPLES / name).convert("RGB"))
    assert picture.pixels.dtype == np.uint8
    np.testing.assert_array_equal(picture.pixels, expected)


@pytest.mark.parametrize("format_name", ["PNG", "BMP", "TIFF", "WEBP"])
def test_lossless_formats_keep_every_pixel(format_name):
    options = {"lossless": True} if format_name == "WEBP" else {}
    picture = read_picture(source_of(encode(RGB, format_name, **options)))
    np.testing.assert_array_equal(picture.pixels, gradient())


def test_first_frame_of_gif():
    frames = [Image.new("P", (8, 8), color) for color in (1, 2)]
    for frame in frames:
        frame.putpalette([0, 0, 0, 200, 10, 10, 10, 200, 10])
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (read_picture(source_of(data)).pixels == [200, 10, 10]).all()


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_once_and_recorded(format_name, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encode(RGB, format_name, exif=exif, **({"lossless": True} if format_name == "WEBP" else {}))
    picture = read_picture(source_of(data))
    stored = Image.fromarray(np.array(Image.open(io.BytesIO(encode(RGB, format_name, lossless=True))).convert("RGB")))
    stored.getexif()[0x0112] = orientation
    expected = np.array(ImageOps.exif_transpose(stored))
    assert picture.exif_orientation == orientation
    np.testing.assert_array_equal(picture.pixels, expected)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_of_a_sixteen_bit_tiff(orientation):
    deep = gradient(dtype=np.uint16)
    picture = read_picture(source_of(sixteen_bit_tiff(deep, orientation)), keep_16_bit=True)
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
    assert picture.exif_orientation == orientation
    np.testing.assert_array_equal(picture.pixels, turned[orientation])


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


def chunk(name: bytes, body: bytes) -> bytes:
    """One PNG chunk with its checksum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


class TestKinds:
    def test_grey_and_one_bit(self):
        grey = RGB.convert("L")
        for image in (grey, grey.convert("1")):
            pixels = read_picture(source_of(encode(image, "PNG"))).pixels
            np.testing.assert_array_equal(pixels, np.array(image.convert("RGB")))

    def test_grey_jpeg(self):
        pixels = read_picture(source_of(encode(RGB.convert("L"), "JPEG"))).pixels
        assert pixels.shape == (24, 40, 3)
        assert (pixels[..., 0] == pixels[..., 2]).all()

    @pytest.mark.parametrize("mode", ["LA", "RGBA"])
    def test_alpha_is_composited_over_white(self, mode):
        image = RGB.convert(mode)
        image.putalpha(Image.fromarray(np.tile(np.arange(40, dtype=np.uint8) * 6, (24, 1))))
        pixels = read_picture(source_of(encode(image, "PNG"))).pixels
        rgba = np.array(image.convert("RGBA")).astype(float)
        share = rgba[..., 3:] / 255
        expected = rgba[..., :3] * share + 255 * (1 - share)
        assert np.abs(pixels - expected).max() <= 0.5 + 1e-9

    def test_palette_with_a_transparent_entry(self):
        image = Image.new("P", (4, 2), 1)
        image.putpalette([0, 0, 0, 10, 20, 30])
        image.putpixel((0, 0), 0)
        pixels = read_picture(source_of(encode(image, "PNG", transparency=0))).pixels
        assert pixels[0, 0].tolist() == [255, 255, 255]
        assert pixels[1, 3].tolist() == [10, 20, 30]

    def test_cmyk_jpeg_comes_near_the_original(self):
        pixels = read_picture(source_of(encode(RGB.convert("CMYK"), "JPEG", quality=98))).pixels
        assert np.abs(pixels.astype(int) - gradient()).mean() < 4

    def test_sixteen_bit_colour_png(self):
        deep = gradient(dtype=np.uint16)
        data = cv2.imencode(".png", deep[..., ::-1])[1].tobytes()
        np.testing.assert_array_equal(read_picture(source_of(data), keep_16_bit=True).pixels, deep)
        np.testing.assert_array_equal(read_picture(source_of(data)).pixels, np.rint(deep / 257).astype(np.uint8))

    def test_sixteen_bit_colour_png_with_an_orientation(self):
        deep = gradient(dtype=np.uint16)
        data = cv2.imencode(".png", deep[..., ::-1])[1].tobytes()
        exif = Image.Exif()
        exif[0x0112] = 6
        picture = read_picture(source_of(data[:33] + chunk(b"eXIf", exif.tobytes()[6:]) + data[33:]), keep_16_bit=True)
        assert picture.exif_orientation == 6
        np.testing.assert_array_equal(picture.pixels, np.rot90(deep, -1))

    def test_sixteen_bit_alpha_png(self):
        deep = np.dstack([gradient(dtype=np.uint16), np.full((24, 40), 32768, np.uint16)])
        data = cv2.imencode(".png", deep[..., [2, 1, 0, 3]])[1].tobytes()
        np.testing.assert_array_equal(read_picture(source_of(data), keep_16_bit=True).pixels, over_white(deep))

    @pytest.mark.parametrize("suffix", [".png", ".tif"])
    def test_sixteen_bit_grey_uses_the_types_range_not_its_own(self, suffix):
        deep = np.full((5, 6), 1000, np.uint16)
        deep[0, 0] = 1400  # min/max scaling would make this white
        data = cv2.imencode(suffix, deep)[1].tobytes()
        pixels = read_picture(source_of(data)).pixels
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


class TestFailures:
    @pytest.mark.parametrize(
        ("name", "kind", "word"),
        [
            ("empty.jpg", "empty", "0 bytes"),
            ("text.jpg", "not-a-picture", "text"),
            ("truncated.jpg", "truncated", "2,318 bytes"),
            ("damaged.jpg", "damaged", "in the middle"),
        ],
    )
    def test_broken_samples(self, name, kind, word):
        with private_stderr():
            error = failure(source(SAMPLES / "broken" / name))
        assert (error.kind, word in str(error)) == (kind, True)

    @pytest.mark.parametrize(
        "name", ["sixteen-bit.png", "exif-turned.jpg", "cmyk.jpg", "grey-alpha.png", "palette.gif"]
    )
    def test_odd_samples_are_read(self, name):
        with private_stderr():
            picture = read_picture(source(SAMPLES / "broken" / name))
        assert picture.pixels.dtype == np.uint8
        assert picture.width > picture.height
        assert picture.exif_orientation == (6 if name.startswith("exif") else 1)

    def test_missing(self, tmp_path):
        assert failure(source(tmp_path / "no.jpg")).kind == "missing"

    def test_below_a_file(self, tmp_path):
        (tmp_path / "file").write_text("x")
        assert failure(source(tmp_path / "file" / "a.jpg")).kind == "missing"

    def test_null_byte_in_the_name(self, tmp_path):
        assert failure(source(tmp_path / "a\0b.jpg", "a.jpg")).kind == "unreadable"

    def test_folder(self, tmp_path):
        assert failure(source(tmp_path, "folder")).kind == "not-a-file"

    def test_fifo_is_refused_at_once(self, tmp_path):
        path = tmp_path / "pipe.jpg"
        os.mkfifo(path)
        thread = threading.Thread(target=lambda: failure(source(path)), daemon=True)
        thread.start()
        thread.join(10)
        assert not thread.is_alive(), "the reader waits for a writer"
        assert failure(source(path)).kind == "not-a-file"

    def test_device(self):
        assert failure(source(Path("/dev/null"))).kind == "not-a-file"

    @pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
    def test_no_permission(self, tmp_path):
        path = tmp_path / "a.png"
        path.write_bytes(encode(RGB, "PNG"))
        path.chmod(0)
        assert failure(source(path)).kind == "unreadable"

    def test_permission_error_is_told_as_such(self, tmp_path, monkeypatch):
        def refuse(path):
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr("dlcli.imaging.reader.os.stat", refuse)
        error = failure(source(tmp_path / "a.png"))
        assert error.kind == "unreadable"
        assert "permission" in str(error)

    @pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"])
    def test_cut_at_any_length(self, format_name):
        whole = encode(Image.open(SAMPLES / "cat.jpg").resize((120, 80)), format_name)
        with private_stderr():
            for share in (0.05, 0.3, 0.6, 0.9):
                error = failure(source_of(whole[: int(len(whole) * share)]))
                assert error.kind in {"truncated", "damaged"}, (share, str(error))

    @pytest.mark.parametrize("tail", [0, 1, 5000, 200_000])
    def test_cut_jpeg_filled_up_with_zeros(self, tail):
        jpeg = (SAMPLES / "cat.jpg").read_bytes()
        assert failure(source_of(jpeg[:20_000] + bytes(tail))).kind == "truncated"

    def test_whole_jpeg_with_zeros_or_a_trailer_behind_it_is_read(self):
        jpeg = (SAMPLES / "cat.jpg").read_bytes()
        plain = read_picture(source_of(jpeg)).pixels
        for tail in (bytes(100), b"SEFT and other trailers of cameras"):
            np.testing.assert_array_equal(read_picture(source_of(jpeg + tail)).pixels, plain)

    def test_jpeg_that_lacks_only_its_end_marker_is_called_truncated(self):
        jpeg = (SAMPLES / "cat.jpg").read_bytes()
        assert failure(source_of(jpeg[:-2])).kind == "truncated"

    @pytest.mark.parametrize(("extra", "kind"), [(3, None), (20, "damaged")])
    def test_padding_before_the_end_marker(self, extra, kind):
        """Cameras that fill the scan up to a whole word are forgiven; more than that is unread picture data."""
        jpeg = (SAMPLES / "cat.jpg").read_bytes()
        padded = source_of(jpeg[:-2] + b"\x55" * extra + jpeg[-2:])
        with private_stderr():
            assert kind is None or failure(padded).kind == kind
            assert kind is not None or read_picture(padded).width == 451

    def test_damaged_cmyk_jpeg(self):
        data = bytearray((SAMPLES / "broken" / "cmyk.jpg").read_bytes())
        data[8000:8600] = np.random.default_rng(1).integers(0, 255, 600, dtype=np.uint8).tobytes()
        with private_stderr():
            assert failure(source_of(bytes(data))).kind == "damaged"

    def test_flipped_byte_in_png_is_caught_by_its_checksum(self):
        data = bytearray(encode(RGB, "PNG"))
        data[data.index(b"IDAT") + 30] ^= 0x10
        error = failure(source_of(bytes(data)))
        assert error.kind == "damaged"
        assert "IDAT" in str(error)

    def test_message_has_cause_and_next_step(self):
        data = encode(RGB, "PNG")
        error = failure(source_of(data[:200], "b.png"))
        start = f"b.png: PNG data ends after 200 of at least {len(data):,} bytes; "
        assert str(error) == start + "re-export the file or pass --skip-bad"


class TestPixelLimit:
    def test_bomb_is_refused_by_its_header(self, monkeypatch):
        """50,000 x 50,000 by the header; decoding it would need 7.5 GB, so any decode at all is an error here."""

        head = chunk(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
        data = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
        monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", lambda self: pytest.fail("decoded"))
        error = failure(source_of(data))
        assert error.kind == "too-large"
        assert "50,000 x 50,000" in str(error)

    def test_jpeg_limit_is_inclusive(self, monkeypatch):
        cat = source(SAMPLES / "cat.jpg")
        assert read_picture(cat, max_pixels=451 * 300).width == 451
        monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
        assert failure(cat, max_pixels=451 * 300 - 1).kind == "too-large"

    def test_a_large_header_without_a_limit_gives_no_warning(self, recwarn):
        picture = read_picture(source_of(encode(Image.new("1", (10_000, 9_500)), "PNG")), max_pixels=10**9)
        assert picture.width == 10_000
        assert not recwarn.list


def test_name_that_is_not_utf8(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg")
    with open(path, "wb") as file:
        file.write((SAMPLES / "cat.jpg").read_bytes())
    assert read_picture(source(Path(path))).width == 451
    os.truncate(path, 3000)
    error = failure(source(Path(path)))
    str(error).encode("utf-8")  # would raise on a surrogate
    assert "caf\ufffd.jpg" in str(error)


def test_inputs_are_not_changed():
    files = sorted(p for p in SAMPLES.rglob("*") if p.suffix in EXTENSIONS and "shapes" not in p.parts)
    before = [(hashlib.sha256(p.read_bytes()).digest(), p.stat().st_mtime_ns) for p in files]
    assert len(before) >= 15
    with private_stderr():
        for path in files:
            try:
                read_picture(source(path))
            except PictureError:
                continue
    assert before == [(hashlib.sha256(p.read_bytes()).digest(), p.stat().st_mtime_ns) for p in files]


def test_pixels_can_be_written_to():
    for data in (encode(RGB, "PNG"), encode(RGB, "JPEG"), encode(RGB.convert("L"), "PNG")):
        read_picture(source_of(data)).pixels[0, 0, 0] = 1


def test_threads_blame_the_right_picture(capfd):
    """Damaged pictures among good ones, eight at a time: each is judged as it is alone, and stderr is still."""
    names = ["broken/damaged.jpg", "cat.jpg", "coffee.jpg", "rocket.jpg", "broken/exif-turned.jpg"] * 12

    def judge(name: str) -> str:
        try:
            return f"{read_picture(source(SAMPLES / name)).width}"
        except PictureError as error:
            return error.kind

    with private_stderr(), ThreadPoolExecutor(8) as pool:
        verdicts = list(pool.map(judge, names))
    assert verdicts == ["damaged", "451", "600", "640", "160"] * 12
    assert capfd.readouterr().err == ""


NOISY = """
import io, sys, warnings
from PIL import Image
from dlcli.errors import PictureError
from dlcli.runtime.native_stderr import private_stderr
from dlcli.imaging.reader import read_picture
from tests.imaging.pictures import SAMPLES, encode, source_of
picture = Image.open(SAMPLES / "cat.jpg").resize((90, 60))
with private_stderr():
    for name in ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"):
        whole = encode(picture, name)
        for end in range(10, len(whole), len(whole) // 40):
            for data in (whole[:end], whole[:end] + bytes(20) + whole[end + 20:]):
                try:
                    read_picture(source_of(data))
                except PictureError:
                    pass
    print("done", file=sys.stderr)
"""


def test_nothing_but_our_words_reaches_stderr():
    """Cut and overwritten files of every format, in a process of its own: no libjpeg, no libtiff, no Pillow warning."""
    command = [sys.executable, "-W", "default", "-c", NOISY]
    done = subprocess.run(command, capture_output=True, text=True, cwd=SAMPLES.parent, check=True)
    assert done.stderr == "done\n"


@pytest.mark.parametrize(("name", "yes"), [("a.JPG", True), ("b.tiff", True), ("c.txt", False), ("png", False)])
def test_looks_like_picture(name, yes):
    assert looks_like_picture(name) is yes
