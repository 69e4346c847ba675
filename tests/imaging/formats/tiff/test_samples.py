"""Samples of TIFF files against tifffile, which writes them and reads them by other code."""

import io

import numpy as np
import pytest

from dlcli.imaging.fault import Fault
from dlcli.imaging.formats.tiff import decode, unpack
from dlcli.imaging.formats.tiff.layout import read_layout
from dlcli.imaging.formats.tiff.samples import can_read, read_samples
from dlcli.imaging.formats.tiff.unpack import ZSTD, can_unpack
from tests.imaging.formats.tiff.files import by_hand, packed

tifffile = pytest.importorskip("tifffile")
H, W = 37, 53
COMPRESSIONS = (None, "zlib", "lzma", "lzw", "packbits", "zstd")


def written(values: np.ndarray, **options: object) -> bytes:
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, values, **options)
    return buffer.getvalue()


def values(dtype: str, samples: int) -> np.ndarray:
    """[H, W, samples] of random numbers of the type."""
    dice = np.random.default_rng(3)
    if dtype[0] == "f":
        return dice.normal(size=(H, W, samples)).astype(dtype)
    limits = np.iinfo(dtype)
    return dice.integers(limits.min, limits.max, (H, W, samples), dtype, endpoint=True)


def encodable(compression: str | None, predictor: int) -> None:
    """tifffile writes some of them only with imagecodecs; Pillow's wheels before 12 do not read Zstandard."""
    if compression == "zstd" and not can_unpack(ZSTD):
        pytest.skip("this libtiff does not know Zstandard")
    if compression in ("lzw", "packbits", "zstd") or predictor > 1:
        pytest.importorskip("imagecodecs")


@pytest.mark.parametrize("tile", [None, (16, 32)])
@pytest.mark.parametrize("planes", ["contig", "separate"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_layouts(compression, order, planes, tile):
    encodable(compression, 1)
    there = values("u2", 5)
    strips = {} if tile else {"rowsperstrip": 10}
    stored = there if planes == "contig" else np.moveaxis(there, -1, 0)
    data = written(
        stored,
        byteorder=order,
        planarconfig=planes,
        compression=compression,
        tile=tile,
        photometric="minisblack",
        **strips,
    )
    np.testing.assert_array_equal(read_samples(data, read_layout(data), (0, 1, 2, 3, 4)), there)
    np.testing.assert_array_equal(read_samples(data, read_layout(data), (1, 4)), there[..., [1, 4]])


@pytest.mark.parametrize("installed", [True, False])
def test_a_libtiff_without_zstandard_is_found_out(monkeypatch, installed):
    """And the file is not called damaged: tifffile reads it, or the compression is named."""
    pytest.importorskip("imagecodecs")

    def refuse(*_):
        raise OSError("decoder error -2")

    unpack._libtiff_knows.cache_clear()
    monkeypatch.setattr(unpack, "_by_libtiff", refuse)
    monkeypatch.setattr(decode, "has_tifffile", lambda: installed)
    there = values("u2", 3)
    data = written(there, compression="zstd", photometric="rgb")
    try:
        if installed:
            np.testing.assert_array_equal(decode.decode_tiff(data, lambda *_: None).pixels, there)
        else:
            with pytest.raises(Fault, match=r"compression \(Zstandard\) is not read at 16 bits"):
                decode.decode_tiff(data, lambda *_: None)
    finally:
        unpack._libtiff_knows.cache_clear()


@pytest.mark.parametrize("together", [1, 2000, 5000])
@pytest.mark.parametrize("tile", [None, (16, 32)])
@pytest.mark.parametrize("compression", [None, "zlib", "lzw"])
def test_small_blocks_are_unpacked_together(compression, tile, together, monkeypatch):
    encodable(compression, 1)
    monkeypatch.setattr("dlcli.imaging.formats.tiff.samples._TOGETHER", together)
    there = values("u2", 3)
    strips = {} if tile else {"rowsperstrip": 4}
    data = written(there, compression=compression, tile=tile, photometric="rgb", **strips)
    np.testing.assert_array_equal(read_samples(data, read_layout(data), (0, 1, 2)), there)


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f2", "f4", "f8"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("predicted", [False, True])
def test_kinds_of_numbers(dtype, order, predicted):
    predictor = 1 if not predicted else 3 if dtype[0] == "f" else 2
    encodable("zlib", predictor)
    there = values(dtype, 3)
    data = written(there, byteorder=order, compression="zlib", predictor=predictor, photometric="rgb", rowsperstrip=16)
    found = read_samples(data, read_layout(data), (0, 1, 2))
    assert found.dtype == np.dtype(dtype)
    np.testing.assert_array_equal(found, there)


@pytest.mark.parametrize("bits", range(1, 16))
def test_packed_bits(bits):
    """Against a slow loop: tifffile packs nothing without imagecodecs."""
    there = np.random.default_rng(bits).integers(0, 1 << bits, (H, W, 1), np.uint16)
    data = packed(there[..., 0], bits)
    np.testing.assert_array_equal(read_samples(data, read_layout(data), (0,)), there)


def test_bits_from_the_low_end():
    plain, strip = {256: 16, 257: 4, 258: 8, 262: 1, 277: 1}, bytes(range(64))
    turned = bytes(int(f"{byte:08b}"[::-1], 2) for byte in strip)
    data = by_hand(turned, {**plain, 266: 2})
    assert read_samples(data, read_layout(data), (0,)).tobytes() == strip


class TestDamage:
    def test_a_strip_that_is_cut_off(self):
        data = written(values("u2", 3), photometric="rgb")
        with pytest.raises(Fault, match="ends after") as caught:
            read_samples(data[:-100], read_layout(data), (0, 1, 2))
        assert caught.value.kind == "truncated"

    @pytest.mark.parametrize("compression", COMPRESSIONS[1:])
    def test_a_strip_that_holds_too_little(self, compression):
        """Two strips whose places are exchanged, the second shorter: neither may be filled up with anything."""
        encodable(compression, 1)
        data = bytearray(written(values("u2", 3), photometric="rgb", compression=compression, rowsperstrip=30))
        at = read_layout(bytes(data)).blocks[1][0]
        place = data.index(read_layout(bytes(data)).blocks[0][0].to_bytes(4, "little"))
        data[place : place + 4] = at.to_bytes(4, "little")
        with pytest.raises(Fault) as caught:
            read_samples(bytes(data), read_layout(bytes(data)), (0, 1, 2))
        assert caught.value.kind in {"damaged", "truncated"}

    def test_a_block_that_was_left_out(self):
        data = by_hand(b"", {256: 4, 257: 4, 258: 8, 262: 1, 277: 1})
        with pytest.raises(Fault, match="sparse"):
            read_samples(data, read_layout(data), (0,))

    def test_fewer_strips_than_rows_need(self):
        data = by_hand(bytes(64), {256: 8, 257: 8, 258: 8, 262: 1, 277: 1})
        short = data.replace(b"\x16\1\4\0\1\0\0\0\x08", b"\x16\1\4\0\1\0\0\0\x04")  # rows of a strip
        with pytest.raises(Fault, match="1 of 2 strips"):
            read_samples(short, read_layout(short), (0,))

    def test_samples_of_different_depths(self):
        pytest.importorskip("imagecodecs")
        with pytest.raises(Fault, match="different bits"):
            read_layout(written(values("u2", 3), photometric="rgb").replace(b"\x10\0\x10\0\x10\0", b"\5\0\6\0\5\0"))

    def test_unknown_predictor(self):
        data = by_hand(bytes(16), {256: 4, 257: 4, 258: 8, 262: 1, 277: 1, 317: 9})
        assert not can_read(read_layout(data))
