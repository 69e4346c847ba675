"""Every orientation in everything that carries one: what is written stands upright, or has its tag as it was."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from dlcli.imaging.formats.exif_block import orientation_in
from dlcli.imaging.formats.metadata import Metadata
from dlcli.imaging.formats.orientation import orientation_of
from dlcli.imaging.formats.png_metadata import png_metadata
from dlcli.imaging.formats.tiff_file import encode_tiff
from tests.imaging.images import RGB, chunk, encode, gradient
from tests.tasks.preprocess.running import preprocess, records

MARK, XMP_MARK = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"


def exif(orientation: int, kind: int = 3, order: str = "little") -> bytes:
    """A block of a single tag. kind: of its field, 1 byte, 3 short, 4 long."""
    size = {1: 1, 3: 2, 4: 4}[kind]
    value = orientation.to_bytes(size, order).ljust(4, b"\0")
    head = (b"II*\0" if order == "little" else b"MM\0*") + (8).to_bytes(4, order)
    count = (1).to_bytes(2, order)
    return head + count + (274).to_bytes(2, order) + kind.to_bytes(2, order) + (1).to_bytes(4, order) + value + bytes(4)


def xmp(orientation: int) -> bytes:
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="{orientation}"/></x:xmpmeta>'.encode()


def jpeg(*bodies: bytes) -> bytes:
    """With these APP1 segments before all others."""
    data = encode(RGB, "JPEG", quality=95)
    return data[:2] + b"".join(b"\xff\xe1" + (len(b) + 2).to_bytes(2, "big") + b for b in bodies) + data[2:]


def png(*chunks: bytes, late: bool = False) -> bytes:
    data = encode(RGB, "PNG")
    at = len(data) - 12 if late else 33
    return data[:at] + b"".join(chunks) + data[at:]


def raw_profile(kind: str, body: bytes) -> bytes:
    """As ImageMagick writes it."""
    text = f"\n{kind}\n{len(body):8}\n{body.hex()}\n".encode()
    return chunk(b"zTXt", f"Raw profile type {kind}".encode() + b"\0\0" + zlib.compress(text))


def deep_tiff(orientation: int) -> bytes:
    return encode_tiff(gradient(dtype=np.uint16), Metadata(xmp=xmp(orientation))).replace(
        b"\x12\x01\x03\x00\x01\x00\x00\x00", b"\x13\x01\x03\x00\x01\x00\x00\x00"
    )  # without a tag of its own


CARRIERS = {
    "jpeg-exif.jpg": lambda n: jpeg(MARK + exif(n)),
    "jpeg-exif-motorola-long.jpg": lambda n: jpeg(MARK + exif(n, 4, "big")),
    "jpeg-exif-byte.jpg": lambda n: jpeg(MARK + exif(n, 1)),
    "jpeg-exif-odd-mark.jpg": lambda n: jpeg(b"Exif\0\xff" + exif(n)),
    "jpeg-two-exif.jpg": lambda n: jpeg(MARK + exif(n), MARK + exif(9 - n)),
    "jpeg-xmp.jpg": lambda n: jpeg(XMP_MARK + xmp(n)),
    "jpeg-exif-and-other-xmp.jpg": lambda n: jpeg(MARK + exif(n), XMP_MARK + xmp(9 - n)),
    "jpeg-exif-without-it-and-xmp.jpg": lambda n: jpeg(MARK + exif(0), XMP_MARK + xmp(n)),
    "png-exif.png": lambda n: png(chunk(b"eXIf", exif(n))),
    "png-exif-late.png": lambda n: png(chunk(b"eXIf", exif(n)), late=True),
    "png-raw-profile.png": lambda n: png(raw_profile("exif", MARK + exif(n))),
    "png-raw-profile-late.png": lambda n: png(raw_profile("APP1", MARK + exif(n)), late=True),
    "png-raw-xmp.png": lambda n: png(raw_profile("xmp", xmp(n))),
    "png-xmp.png": lambda n: png(chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(n))),
    "webp-exif.webp": lambda n: encode(RGB, "WEBP", lossless=True, exif=MARK + exif(n)),
    "webp-xmp.webp": lambda n: encode(RGB, "WEBP", lossless=True, xmp=xmp(n)),
    "tiff.tif": lambda n: encode(RGB, "TIFF", tiffinfo={274: n}),
    "tiff-xmp.tif": lambda n: encode(RGB, "TIFF", tiffinfo={700: xmp(n)}),
    "tiff-deep-xmp.tif": deep_tiff,
}


@pytest.mark.parametrize("to", ["jpg", "png", "webp", "tiff"])
@pytest.mark.parametrize("carrier", CARRIERS)
def test_upright_or_untouched(tmp_path, carrier, to):
    suffix = carrier[carrier.index(".") :]
    for n in range(1, 9):
        (tmp_path / f"{n}{suffix}").write_bytes(CARRIERS[carrier](n))
    ran = preprocess(tmp_path, "--format", to, "--out", tmp_path / "out", "--json")
    assert ran.code == 0, ran.err
    for n, record in enumerate(records(ran), 1):
        expected = upright(gradient(), n)
        with Image.open(tmp_path / "out" / record["outputs"][0]) as image:
            image.load()
            shown = ImageOps.exif_transpose(image)
            assert np.abs(np.asarray(shown, float)[..., :3] - expected).mean() < 6, (n, "as others show it")
            assert record["exif_orientation"] == n
            pixels = np.asarray(image.convert("RGB"), float)
            assert np.abs(pixels - expected).mean() < 6, (n, "as it is stored")


@pytest.mark.parametrize("other", range(2, 9))
def test_what_was_not_applied_stays(tmp_path, other):
    """EXIF says that it is upright, and is believed; what XMP says against that is not made true by us."""
    (tmp_path / "a.jpg").write_bytes(jpeg(MARK + exif(1), XMP_MARK + xmp(other)))
    ran = preprocess(tmp_path, "--gamma", 1, "--out", tmp_path / "out", "--json")
    assert records(ran)[0]["exif_orientation"] == 1
    assert xmp(other) in (tmp_path / "out" / "a.jpg").read_bytes()


def upright(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """By the words of the standard: where the stored row 0 and column 0 are."""
    rows = {1: "top", 2: "top", 3: "bottom", 4: "bottom", 5: "left", 6: "right", 7: "right", 8: "left"}[orientation]
    columns = {1: "left", 2: "right", 3: "right", 4: "left", 5: "top", 6: "top", 7: "bottom", 8: "bottom"}[orientation]
    if rows in ("left", "right"):
        pixels = pixels.transpose(1, 0, 2)
    vertical, horizontal = (rows, columns) if rows in ("top", "bottom") else (columns, rows)
    pixels = pixels[::-1] if vertical == "bottom" else pixels
    return (pixels[:, ::-1] if horizontal == "right" else pixels).astype(float)


def test_exif_that_says_nothing():
    for block in (b"", b"no block", exif(0), exif(9), exif(6)[:14], b"II*\0\xff\xff\xff\xff"):
        assert orientation_in(block) is None
        assert orientation_of(block, b"") == 1
        assert orientation_of(block, xmp(6)) == 6
    assert orientation_of(b"", b"<tiff:Orientation>8</tiff:Orientation>") == 8
    assert orientation_of(b"", b'tiff:Orientation="66"') == 1


def test_the_first_of_two_chunks_counts():
    assert png_metadata(png(chunk(b"eXIf", exif(6)), chunk(b"eXIf", exif(1)))).exif == exif(6)
    both = png(raw_profile("exif", MARK + exif(3)), chunk(b"eXIf", exif(6)))
    assert png_metadata(both).exif == exif(6)
    with Image.open(io.BytesIO(png(raw_profile("exif", MARK + exif(3))))) as image:  # that it is what Pillow reads too
        assert image.getexif()[274] == 3
    assert png_metadata(png(chunk(b"zTXt", b"Raw profile type exif\0\0no zlib"))).exif == b""
