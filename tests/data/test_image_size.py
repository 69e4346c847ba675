"""Sizes come from headers and are those of the upright image."""

import os

import numpy as np
import pytest
import tifffile

from dlcli.data.image_size import image_size, lies_on_its_side, size_or_asked
from dlcli.errors import DataError
from dlcli.imaging.reader import read_image
from dlcli.records import Source
from tests.data.sets import write_image


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
def test_it_agrees_with_the_reader(tmp_path, name, orientation):
    path = write_image(tmp_path / name, 40, 30, orientation)
    image = read_image(Source(name, path, name))
    assert image_size(path) == (image.width, image.height) == ((40, 30) if orientation < 5 else (30, 40))


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
@pytest.mark.parametrize("bits", [8, 16])
def test_a_tiff_is_turned_once(tmp_path, bits, orientation):
    pixels = np.zeros((30, 40, 3), f"u{bits // 8}")
    tifffile.imwrite(
        tmp_path / "a.tif", pixels, photometric="rgb", metadata=None, extratags=[(274, 3, 1, orientation, True)]
    )
    image = read_image(Source.of_file(tmp_path / "a.tif"))
    assert image_size(tmp_path / "a.tif") == (image.width, image.height)
    assert lies_on_its_side(tmp_path / "a.tif") == (orientation > 4)


def test_an_image_that_pillow_refuses_has_the_size_that_the_reader_gives(tmp_path):
    pixels = np.zeros((30, 40, 2), np.uint16)
    tifffile.imwrite(tmp_path / "a.tif", pixels, photometric="minisblack", extrasamples=["unassalpha"], metadata=None)
    assert image_size(tmp_path / "a.tif") == (40, 30)
    path = write_image(tmp_path / "a.png", 40, 30, 6)
    data = path.read_bytes()
    spoilt = data[:33] + b"\0\0\0\x09pHYs" + bytes(9) + b"\0\0\0\0" + data[33:]  # its sum is wrong
    path.write_bytes(spoilt)
    image = read_image(Source.of_file(path))
    assert image_size(path) == (image.width, image.height) == (30, 40)


def test_what_is_no_image_is_refused_and_a_pipe_does_not_block(tmp_path):
    (tmp_path / "text.jpg").write_text("no image")
    (tmp_path / "empty.jpg").touch()
    os.mkfifo(tmp_path / "pipe.jpg")
    for name in ("text.jpg", "empty.jpg", "pipe.jpg", "nowhere.jpg", ".", "9" * 400):
        with pytest.raises(DataError, match=r"no such file|not an image"):
            image_size(tmp_path / name)


def test_a_size_is_asked_only_where_it_is_missing(tmp_path):
    path = write_image(tmp_path / "a.png", 40, 30)
    assert size_or_asked((0, 0), path) == (40, 30)
    assert size_or_asked((7, 8), path) == (7, 8)
    assert size_or_asked((0, 0), tmp_path / "nowhere.png") == (0, 0)
