"""Camera raw files are told by what they hold, whatever their name, and no preview in them is taken for the image."""

import io

import numpy as np
import pytest

from dlcli.imaging.formats.sniff import HEAD, format_of
from dlcli.imaging.reader import read_image
from tests.imaging.formats.tiff.test_samples import by_hand
from tests.imaging.images import failure, gradient, source_of

PLAIN = {256: 8, 257: 8, 258: 8, 259: 1, 262: 1, 277: 1}


@pytest.fixture
def no_rawpy(monkeypatch):
    monkeypatch.setattr("dlcli.imaging.formats.camera_raw.find_spec", lambda name: None)


@pytest.mark.parametrize(
    "head",
    [
        b"FUJIFILMCCD-RAW 0201",
        b"IIRO\x08\0\0\0",
        b"IIU\0\x18\0\0\0",
        b"\0MRM\0\0",
        b"FOVb\0\0\2\0",
        b"II\x1a\0\0\0HEAPCCDR",
        b"\0\0\0\x18ftypcrx \0\0\0\1crx isom",
    ],
)
def test_by_the_first_bytes(head, no_rawpy):
    error = failure(source_of(head + bytes(200), "photo.jpg"))
    assert error.kind == "unsupported"
    assert "camera raw file" in str(error)
    assert "develop it first" in str(error)


@pytest.mark.parametrize(
    "more",
    [{262: 32803}, {262: 34892}, {259: 34713}, {259: 32767}, {50706: 0x01040000}],
    ids=["color filter", "linear raw", "Nikon", "Sony", "DNG"],
)
def test_by_the_tags_of_a_tiff(more, no_rawpy):
    assert "camera raw file" in str(failure(source_of(by_hand(bytes(64), PLAIN | more), "photo.tif")))


def test_canon_by_its_mark(no_rawpy):
    data = by_hand(b"CR\2\0" + bytes(60), PLAIN)
    assert "camera raw file" in str(failure(source_of(data)))


def test_sensor_data_on_a_later_page(no_rawpy):
    tifffile = pytest.importorskip("tifffile")
    buffer = io.BytesIO()
    with tifffile.TiffWriter(buffer) as file:
        file.write(np.ascontiguousarray(gradient()[::4, ::4]), photometric="rgb", subifds=1, subfiletype=1)
        file.write(gradient(dtype=np.uint16)[..., 0], photometric=32803)
    error = failure(source_of(buffer.getvalue(), "a.tif"))
    assert (error.kind, "camera raw file" in str(error)) == ("unsupported", True)


def bayer(values: np.ndarray, flip: int = 1) -> bytes:
    """A DNG of a sensor with red, green, green, blue, written from uint16 [H, W]."""
    tifffile = pytest.importorskip("tifffile")
    buffer = io.BytesIO()
    matrix = [1, 1, 0, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 1]
    tags = [
        (33421, 3, 2, (2, 2)),
        (33422, 1, 4, (0, 1, 1, 2)),
        (50706, 1, 4, (1, 4, 0, 0)),
        (50707, 1, 4, (1, 1, 0, 0)),
        (50708, 2, 0, "dlcli"),
        (50717, 4, 1, 65535),
        (50721, 10, 9, tuple(matrix)),
        (50728, 5, 3, (1, 1, 1, 1, 1, 1)),
        (50778, 3, 1, 21),
        (274, 3, 1, flip),
    ]
    tifffile.imwrite(buffer, values, photometric=32803, extratags=tags, metadata=None)
    return buffer.getvalue()


@pytest.mark.parametrize(("flip", "shape"), [(1, (96, 128, 3)), (6, (128, 96, 3))])
def test_developed_where_rawpy_is(flip, shape):
    pytest.importorskip("rawpy")
    values = np.full((96, 128), 3000, np.uint16)
    values[:, 64:] = 30000
    image = read_image(source_of(bayer(values, flip)))
    assert image.pixels.shape == shape
    assert image.exif_orientation == flip
    left, right = (
        (image.pixels[40:56, :20], image.pixels[40:56, -20:]) if flip == 1 else (image.pixels[:20], image.pixels[-20:])
    )
    assert right.mean() > left.mean() + 50
    assert "developed by LibRaw" in image.notes[0]


def test_raw_damage_is_told():
    pytest.importorskip("rawpy")
    assert failure(source_of(b"FUJIFILMCCD-RAW 0201" + bytes(5000))).kind in {"unsupported", "damaged"}


@pytest.mark.parametrize(
    ("head", "name"),
    [
        (b"\0\0\0\x1cftypheic\0\0\0\0mif1heic", "HEIF"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", "AVIF"),
        (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", "AVIF"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1", "HEIF"),
        (b"\0\0\0\x18ftypqt  \0\0\0\0qt  ", None),
        (b"\0\0\0\x18ftypisom\0\0\0\0mp41", None),
    ],
)
def test_brands(head, name):
    assert format_of((head + bytes(HEAD))[:HEAD]) == name
