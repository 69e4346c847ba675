"""Metadata written is the metadata read back, by Pillow as well as by us, and true for the pixels written."""

import io
import struct
from pathlib import PurePosixPath

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from dlcli.imaging.file_info import ImageInfo, read_image_info
from dlcli.imaging.formats.exif_block import for_pixels
from dlcli.imaging.formats.metadata import Metadata
from dlcli.imaging.reader import read_image
from dlcli.imaging.writer import encode_image, fitting
from dlcli.records import Source
from tests.imaging.images import encode, gradient

SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6" dc:title="caf\xc3\xa9"/></x:xmpmeta>'
SUFFIXES = (".jpg", ".png", ".webp", ".tif")
ORIENTATION, MAKE, EXIF, GPS, WIDTH, MAKER_NOTE = 0x0112, 0x010F, 0x8769, 0x8825, 0xA002, 0x927C


def exif_block(orientation: int = 6, thumbnail: bytes = b"", order: str = "<") -> bytes:
    """IFD0 with maker, orientation and the EXIF and GPS folders; IFD1 with a thumbnail as the last thing."""
    exif = Image.Exif()
    exif.endian = order
    exif[MAKE], exif[ORIENTATION] = "Maker", orientation
    exif.get_ifd(EXIF).update({WIDTH: 40, 0xA003: 24, MAKER_NOTE: b"\x01\x02maker's own\xff"})
    exif.get_ifd(GPS).update({1: "N", 2: (48.0, 51.0, 30.5)})
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    if not thumbnail:
        return block
    (first,) = struct.unpack_from(order + "I", block, 4)
    (count,) = struct.unpack_from(order + "H", block, first)
    at = len(block)
    second = struct.pack(order + "HHHIIHHIII", 2, 0x0201, 4, 1, at + 30, 0x0202, 4, 1, len(thumbnail), 0)
    block = bytearray(block)
    struct.pack_into(order + "I", block, first + 2 + 12 * count, at)
    return bytes(block) + second + thumbnail


def loaded(block: bytes) -> Image.Exif:
    exif = Image.Exif()
    exif.load(block)
    return exif


def file_info(data: bytes) -> ImageInfo:
    return read_image_info(Source("-", None, PurePosixPath("x"), data))


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_each_format_holds_them_all(suffix, dtype):
    whole = Metadata(exif_block(1), XMP, SRGB)
    pixels = gradient(dtype=dtype)
    data = encode_image(pixels, suffix, 95, whole)
    found = file_info(data)
    assert found.metadata.icc == SRGB
    assert found.metadata.xmp == XMP
    exif = loaded(found.metadata.exif)
    assert exif[MAKE] == "Maker"
    assert exif.get_ifd(GPS)[2] == (48.0, 51.0, 30.5)
    assert exif.get_ifd(EXIF)[MAKER_NOTE] == b"\x01\x02maker's own\xff"
    assert found.bits == (16 if dtype == np.uint16 and suffix in (".png", ".tif") else 8)
    plain = read_image(Source("-", None, PurePosixPath("x"), encode_image(pixels, suffix, 95)), keep_16_bit=True)
    again = read_image(Source("-", None, PurePosixPath("x"), data), keep_16_bit=True)
    np.testing.assert_array_equal(again.pixels, plain.pixels)
    with Image.open(io.BytesIO(data)) as image:  # as others see it
        image.load()
        assert image.info["icc_profile"] == SRGB
        assert image.getexif()[MAKE] == "Maker"
        assert image.getexif().get_ifd(GPS)[1] == "N"


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
def test_exif_bytes_are_kept_to_the_last(suffix):
    block = exif_block(1)
    assert file_info(encode_image(gradient(), suffix, 90, Metadata(block))).metadata.exif == block


@pytest.mark.parametrize("order", ["<", ">"])
def test_upright_exif_changes_orientation_and_size_and_nothing_else(order):
    before = exif_block(6, order=order)
    after = for_pixels(before, 1234, 777, True)
    assert len(after) == len(before)
    assert sum(a != b for a, b in zip(before, after, strict=True)) <= 5  # one byte of 6, four of the sizes
    old, new = loaded(before), loaded(after)
    assert (old[ORIENTATION], new[ORIENTATION]) == (6, 1)
    assert (new.get_ifd(EXIF)[WIDTH], new.get_ifd(EXIF)[0xA003]) == (1234, 777)
    assert new.get_ifd(EXIF)[MAKER_NOTE] == old.get_ifd(EXIF)[MAKER_NOTE]
    assert new.get_ifd(GPS) == old.get_ifd(GPS)


def test_a_thumbnail_of_the_image_as_it_was_goes():
    small = encode(Image.new("RGB", (16, 12), "red"), "JPEG")
    before = exif_block(6, small)
    assert small in before
    after = for_pixels(before, 40, 24, True)
    assert small[:40] not in after
    assert len(after) == len(before) - len(small)
    assert loaded(after)[MAKE] == "Maker"


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 400), st.binary(max_size=6))
def test_any_bytes_as_exif_end_well(noise, at, splice):
    block = exif_block()
    for data in (noise, b"II*\0" + noise, block[:at], block[:at] + splice + block[at + len(splice) :]):
        result = for_pixels(data, 5, 6, True)
        assert result is None or len(result) == len(data)
        encode_image(gradient(4, 4), ".tif", 90, Metadata(result or b""))


def test_what_is_true_only_of_the_old_pixels_is_changed():
    made = Metadata(exif_block(8), XMP, SRGB).for_pixels(24, 40, True)
    assert loaded(made.exif)[ORIENTATION] == 1
    assert made.xmp == XMP.replace(b'Orientation="6"', b'Orientation="1"')
    assert Metadata(xmp=b"<tiff:Orientation>3</tiff:Orientation>").for_pixels(1, 1, True).xmp[18:19] == b"1"
    gray = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert Metadata(icc=gray).for_pixels(1, 1, True) == Metadata()  # its numbers are no RGB
    assert Metadata(exif=b"no EXIF").for_pixels(1, 1, True) == Metadata()
    assert Metadata(exif_block(), XMP, SRGB).stripped() == Metadata(icc=SRGB)


def test_a_profile_longer_than_a_jpeg_segment():
    long = SRGB[:128] + np.random.default_rng(0).bytes(150_000)
    found = file_info(encode_image(gradient(), ".jpg", 90, Metadata(icc=long)))
    assert found.metadata.icc == long


def test_what_a_format_cannot_hold():
    long = Metadata(exif_block() + bytes(70_000), b"x" * 70_000, SRGB)
    assert fitting(long, ".jpg") == Metadata(icc=SRGB)
    assert fitting(long, ".png") == long
    assert fitting(long, ".gif") == Metadata()
    assert file_info(encode_image(gradient(), ".jpg", 90, long)).metadata == Metadata(icc=SRGB)


def test_metadata_of_pngs_in_other_orders():
    """Behind the pixels, and compressed, as some programs write it."""
    from dlcli.imaging.formats.png_metadata import chunk as _chunk
    from dlcli.imaging.formats.png_metadata import png_metadata

    plain = encode(Image.fromarray(gradient()), "PNG")
    import zlib

    text = _chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0en\0\0" + zlib.compress(XMP))
    late = plain[:-12] + _chunk(b"eXIf", exif_block()) + text + plain[-12:]
    assert png_metadata(late) == Metadata(exif_block(), XMP)
    bad = _chunk(b"iTXt", b"XML:com.adobe.xmp\0\1") + _chunk(b"iCCP", b"x\0\0no zlib") + _chunk(b"iCCP", b"")
    assert png_metadata(plain[:33] + bad + plain[33:]) == Metadata()


def test_traits_of_every_kind():
    rgba = Image.fromarray(np.dstack([gradient(), gradient()[..., 0]]))  # alpha grows to the right
    two = [Image.new("RGB", (8, 8), color) for color in ("red", "blue")]
    keyed = encode(Image.new("P", (8, 8)), "PNG", transparency=0)
    assert file_info(encode(rgba, "PNG")).alpha
    assert file_info(encode(rgba, "WEBP")).alpha
    assert file_info(keyed).alpha
    assert not file_info(encode(rgba.convert("RGB"), "PNG")).alpha
    assert file_info(encode(two[0], "GIF", save_all=True, append_images=two[1:], duration=9)).frames == 2
    assert file_info(encode(two[0], "TIFF", save_all=True, append_images=[rgba.convert("RGB")])).frames == 2
    assert file_info(encode(rgba.convert("CMYK"), "JPEG")).cmyk
    assert file_info(encode(rgba.convert("CMYK"), "TIFF")).cmyk
    assert file_info(encode_image(gradient(dtype=np.uint16), ".tif")).bits == 16
    assert file_info(encode(rgba.convert("1"), "PNG")).bits == 1
    tiff = file_info(encode(rgba.convert("RGB"), "TIFF", tiffinfo={MAKE: "Maker", 700: XMP}))
    assert loaded(tiff.metadata.exif)[MAKE] == "Maker"
    assert 273 not in loaded(tiff.metadata.exif)  # where the strips were
    assert tiff.metadata.xmp == XMP
