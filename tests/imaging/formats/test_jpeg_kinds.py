"""JPEG files that are whole and read by others: with bytes between segments, or of kinds that are refused by name."""

import numpy as np
import pytest

from dlcli.imaging.reader import read_image
from dlcli.runtime.native_stderr import private_stderr
from tests.imaging.images import RGB, SAMPLES, encode, failure, gradient, source_of

CAT = (SAMPLES / "cat.jpg").read_bytes()
FRAME = CAT.index(b"\xff\xc0") if b"\xff\xc0" in CAT else CAT.index(b"\xff\xc2")


def with_junk(junk: bytes, before: bytes) -> bytes:
    """before: a marker of the header, in front of which the junk is put."""
    at = CAT.index(before)
    return CAT[:at] + junk + CAT[at:]


@pytest.mark.parametrize("marker", [b"\xff\xdb", b"\xff\xc4", CAT[FRAME : FRAME + 2]], ids=["DQT", "DHT", "SOF"])
@pytest.mark.parametrize("junk", [b"\0" * 18, b"junk", b"a\xff\0b"], ids=["zeros", "text", "stuffed"])
def test_junk_between_segments_is_passed_over(marker, junk):
    with private_stderr():
        image = read_image(source_of(with_junk(junk, marker)))
        np.testing.assert_array_equal(image.pixels, read_image(source_of(CAT)).pixels)
    assert image.notes == (f"{len(junk)} bytes between the segments of its header belong to none and were left out",)


def test_fill_bytes_are_no_junk():
    assert read_image(source_of(with_junk(b"\xff" * 5, b"\xff\xdb"))).notes == ()


def test_plain_files_have_no_note():
    assert read_image(source_of(CAT)).notes == ()


@pytest.mark.parametrize(
    ("place", "byte", "word"),
    [
        (4, 12, "12 bits a sample"),
        (1, 0xC3, "lossless"),
        (1, 0xC5, "hierarchical"),
    ],
)
def test_kinds_are_named(place, byte, word):
    data = bytearray(CAT)
    data[FRAME + place] = byte
    error = failure(source_of(bytes(data)))
    assert error.kind == "unsupported"
    assert word in str(error)


def test_height_behind_the_pixels():
    data = bytearray(CAT)
    data[FRAME + 5 : FRAME + 7] = b"\0\0"
    error = failure(source_of(bytes(data)))
    assert error.kind == "unsupported"
    assert "DNL" in str(error)


def test_a_cut_header_is_still_called_truncated_or_damaged():
    for end in range(3, FRAME + 20, 7):
        with private_stderr():
            assert failure(source_of(CAT[:end])).kind in {"truncated", "damaged"}


def test_jpeg_ls_is_named():
    imagecodecs = pytest.importorskip("imagecodecs")
    error = failure(source_of(imagecodecs.jpegls_encode(gradient())))
    assert error.kind == "unsupported"
    assert "JPEG-LS" in str(error)


def test_inks_without_adobes_word_are_read_as_others_read_them_and_said():
    marked = encode(RGB.convert("CMYK"), "JPEG", quality=98)
    at = marked.index(b"\xff\xee")
    bare = marked[:at] + marked[at + 2 + int.from_bytes(marked[at + 2 : at + 4], "big") :]
    assert read_image(source_of(marked)).notes == ()
    image = read_image(source_of(bare))
    assert image.notes == ("its inks were taken for inverted, as Adobe's are, which it does not say",)
    np.testing.assert_array_equal(image.pixels, read_image(source_of(marked)).pixels)
