"""Sizes come from headers and are those of the upright picture."""

import os

import pytest

from dlcli.data.image_size import picture_size, size_or_asked
from dlcli.errors import DataError
from dlcli.imaging.reader import read_picture
from dlcli.records import Source
from tests.data.sets import write_picture


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
def test_it_agrees_with_the_reader(tmp_path, name, orientation):
    path = write_picture(tmp_path / name, 40, 30, orientation)
    picture = read_picture(Source(name, path, name))
    assert picture_size(path) == (picture.width, picture.height) == ((40, 30) if orientation < 5 else (30, 40))


def test_what_is_no_picture_is_refused_and_a_pipe_does_not_block(tmp_path):
    (tmp_path / "text.jpg").write_text("no picture")
    (tmp_path / "empty.jpg").touch()
    os.mkfifo(tmp_path / "pipe.jpg")
    for name in ("text.jpg", "empty.jpg", "pipe.jpg", "nowhere.jpg", ".", "9" * 400):
        with pytest.raises(DataError, match=r"no such file|not a picture"):
            picture_size(tmp_path / name)


def test_a_size_is_asked_only_where_it_is_missing(tmp_path):
    path = write_picture(tmp_path / "a.png", 40, 30)
    assert size_or_asked((0, 0), path) == (40, 30)
    assert size_or_asked((7, 8), path) == (7, 8)
    assert size_or_asked((0, 0), tmp_path / "nowhere.png") == (0, 0)
