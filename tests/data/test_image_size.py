"""Sizes come from headers and are those of the upright image."""

import os

import pytest

from dlcli.data.image_size import image_size, size_or_asked
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
