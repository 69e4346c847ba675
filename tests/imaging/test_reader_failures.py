"""What the reader says of files that cannot be used, and that nothing else is said."""

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
from PIL import Image

from dlcli.errors import ImageError
from dlcli.imaging.reader import read_image
from dlcli.runtime.native_stderr import private_stderr
from tests.imaging.images import RGB, SAMPLES, chunk, encode, failure, source, source_of


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
            image = read_image(source(SAMPLES / "broken" / name))
        assert image.pixels.dtype == np.uint8
        assert image.width > image.height
        assert image.exif_orientation == (6 if name.startswith("exif") else 1)

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

    def test_no_permission(self, tmp_path):
        path = tmp_path / "a.png"
        path.write_bytes(encode(RGB, "PNG"))
        path.chmod(0)
        root = os.geteuid() == 0  # who may read everything
        try:
            os.seteuid(65534 if root else os.geteuid())
            assert failure(source(path)).kind == "unreadable"
        finally:
            os.seteuid(0 if root else os.geteuid())

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
        plain = read_image(source_of(jpeg)).pixels
        for tail in (bytes(100), b"SEFT and other trailers of cameras"):
            np.testing.assert_array_equal(read_image(source_of(jpeg + tail)).pixels, plain)

    def test_jpeg_that_lacks_only_its_end_marker_is_called_truncated(self):
        jpeg = (SAMPLES / "cat.jpg").read_bytes()
        assert failure(source_of(jpeg[:-2])).kind == "truncated"

    @pytest.mark.parametrize(("extra", "kind"), [(3, None), (20, "damaged")])
    def test_padding_before_the_end_marker(self, extra, kind):
        """Cameras that fill the scan up to a whole word are forgiven; more than that is unread image data."""
        jpeg = (SAMPLES / "cat.jpg").read_bytes()
        padded = source_of(jpeg[:-2] + b"\x55" * extra + jpeg[-2:])
        with private_stderr():
            assert kind is None or failure(padded).kind == kind
            assert kind is not None or read_image(padded).width == 451

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
        assert read_image(cat, max_pixels=451 * 300).width == 451
        monkeypatch.setattr(cv2, "imdecode", lambda *_: pytest.fail("decoded"))
        assert failure(cat, max_pixels=451 * 300 - 1).kind == "too-large"

    def test_a_large_header_without_a_limit_gives_no_warning(self, recwarn):
        image = read_image(source_of(encode(Image.new("1", (10_000, 9_500)), "PNG")), max_pixels=10**9)
        assert image.width == 10_000
        assert not recwarn.list


def test_name_that_is_not_utf8(tmp_path):
    path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.jpg")
    with open(path, "wb") as file:
        file.write((SAMPLES / "cat.jpg").read_bytes())
    assert read_image(source(Path(path))).width == 451
    os.truncate(path, 3000)
    error = failure(source(Path(path)))
    str(error).encode("utf-8")  # would raise on a surrogate
    assert "caf\ufffd.jpg" in str(error)


def test_threads_blame_the_right_image(capfd):
    """Damaged images among good ones, eight at a time: each is judged as it is alone, and stderr is still."""
    names = ["broken/damaged.jpg", "cat.jpg", "coffee.jpg", "rocket.jpg", "broken/exif-turned.jpg"] * 12

    def judge(name: str) -> str:
        try:
            return f"{read_image(source(SAMPLES / name)).width}"
        except ImageError as error:
            return error.kind

    with private_stderr(), ThreadPoolExecutor(8) as pool:
        verdicts = list(pool.map(judge, names))
    assert verdicts == ["damaged", "451", "600", "640", "160"] * 12
    assert capfd.readouterr().err == ""


NOISY = """
import io, sys, warnings
from PIL import Image
from dlcli.errors import ImageError
from dlcli.runtime.native_stderr import private_stderr
from dlcli.imaging.reader import read_image
from tests.imaging.images import SAMPLES, encode, source_of
image = Image.open(SAMPLES / "cat.jpg").resize((90, 60))
with private_stderr():
    for name in ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF"):
        whole = encode(image, name)
        for end in range(10, len(whole), len(whole) // 40):
            for data in (whole[:end], whole[:end] + bytes(20) + whole[end + 20:]):
                try:
                    read_image(source_of(data))
                except ImageError:
                    pass
    print("done", file=sys.stderr)
"""


def test_nothing_but_our_words_reaches_stderr():
    """Cut and overwritten files of every format, in a process of its own: no libjpeg, no libtiff, no Pillow warning."""
    command = [sys.executable, "-W", "default", "-c", NOISY]
    done = subprocess.run(command, capture_output=True, text=True, cwd=SAMPLES.parent, check=True)
    assert done.stderr == "done\n"
