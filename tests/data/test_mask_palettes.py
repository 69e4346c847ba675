"""Masks whose palettes differ: against the colors that Pillow shows, or refused."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from dlcli.data.mask_file import file_values, read_mask
from dlcli.data.mask_folders import read_mask_folders
from dlcli.errors import DataError
from dlcli.imaging.formats.index_png import voc_color
from tests.data.masks import A, save_color, write_masks
from tests.data.sets import write_text
from tests.imaging.images import chunk

COLORS = ((0, 0, 0), (10, 200, 30), (250, 0, 7))
LABELMAP = "# label:color_rgb:parts:actions\nbackground:0,0,0::\ndog:10,200,30::\nowl:250,0,7::\n"


def save_shuffled(order, colors=COLORS):
    """As a file whose palette has the colors of the classes in another order."""

    def save(path, mask):
        path.parent.mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(np.argsort(order).astype(np.uint8)[mask])
        image.putpalette([part for value in order for part in colors[value]])
        image.save(path)
        assert (np.asarray(Image.open(path).convert("RGB")) == np.array(colors)[mask]).all()

    return save


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (1, 2, 0)])
def test_listed_colors_count_and_not_the_place_in_a_palette(tmp_path, order):
    folder = write_masks(tmp_path, save_shuffled(order), names=(), masks={"a": A, "b": A})
    save_color(folder / "masks" / "b.png", A, np.array(COLORS, np.uint8))
    write_text(folder / "labelmap.txt", LABELMAP)
    data = read_mask_folders(folder)
    assert data.labels == ("background", "dog", "owl")
    for item in data.items:
        np.testing.assert_array_equal(read_mask(item), A)


def test_a_palette_of_somebody_else_leaves_the_indices(tmp_path):
    folder = write_masks(tmp_path, names=(), masks={"a": A})
    write_text(folder / "labelmap.txt", LABELMAP)  # and VOC's colors in the file
    np.testing.assert_array_equal(read_mask(read_mask_folders(folder).items[0]), A)


def test_a_palette_with_some_listed_colors_is_refused(tmp_path):
    save_shuffled((0, 1, 2), (*COLORS[:2], (9, 9, 8)))(tmp_path / "a.png", A)
    with pytest.raises(DataError, match=r"stand for no class: \(9, 9, 8\)"):
        file_values(tmp_path / "a.png", dict(zip(COLORS, range(3), strict=True)))


@pytest.mark.parametrize("colors", [COLORS, tuple(map(voc_color, range(3)))])
def test_a_palette_a_mask_is_refused(tmp_path, colors):
    """As Pillow writes an RGB mask by quantize: which value a color has is chance."""
    folder = write_masks(tmp_path, save_shuffled((0, 1, 2), colors), masks={"a": A, "b": A})
    save_shuffled((1, 0, 2), colors)(folder / "masks" / "b.png", A)
    with pytest.raises(DataError, match=r"a\.png has the color .* at value .* and b\.png at .* palette of its own"):
        read_mask_folders(folder)


def test_one_palette_for_all_is_believed_and_said_where_voc_differs(tmp_path):
    folder = write_masks(tmp_path, save_shuffled((0, 2, 1), tuple(map(voc_color, range(3)))), masks={"a": A, "b": A})
    data = read_mask_folders(folder)
    assert "shows value 1 in VOC's color of 2; values count, not colors" in data.notes[0]
    assert read_mask_folders(write_masks(tmp_path / "voc")).notes == (
        f"{tmp_path}/voc: 255, in 1 of 2 masks, marks pixels that do not count",
    )


@pytest.mark.parametrize("bits", [1, 2, 4])
@pytest.mark.parametrize("kind", ["png", "tif"])
def test_few_bits_are_not_stretched(tmp_path, bits, kind):
    """Files written out by hand: decoders stretch gray of 4 bits to 0, 17, 34 ..., which are no classes."""
    values = (np.arange(64).reshape(4, 16) % (1 << bits)).astype(np.uint8)
    packed = np.packbits(((values[..., None] >> np.arange(bits - 1, -1, -1)) & 1).reshape(4, -1).astype(np.uint8), 1)
    rows = b"".join(b"\0" + row.tobytes() for row in packed)
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 4, bits, 0, 0, 0, 0))
    png = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(png)
    if kind == "tif":
        from tests.imaging.formats.tiff.files import packed as tiff

        (tmp_path / "a.tif").write_bytes(tiff(values, bits))
    np.testing.assert_array_equal(file_values(tmp_path / f"a.{kind}", {}), values)
