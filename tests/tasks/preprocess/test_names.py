"""Outputs mirror the tree, and their names say their format."""

from pathlib import PurePosixPath

import pytest

from dlcli.tasks.preprocess.names import image_name, preview_name


@pytest.mark.parametrize(
    ("place", "suffix", "name"),
    [
        ("deep/a.jpg", "", "deep/a.jpg"),
        ("a.JPEG", "", "a.JPEG"),
        ("a.jfif", "", "a.jfif"),
        ("a.bmp", "", "a.png"),
        ("a.b.gif", "", "a.b.png"),
        ("IMG_1", "", "IMG_1.png"),
        ("a.jpeg", ".jpg", "a.jpeg"),  # it is one already
        ("a.TIFF", ".tif", "a.TIFF"),
        ("a.png", ".jpg", "a.jpg"),
        ("deep/.hidden", ".webp", "deep/.hidden.webp"),
        ("stdin.png", "", "stdin.png"),
    ],
)
def test_image_names(place, suffix, name):
    assert image_name(PurePosixPath(place), suffix) == PurePosixPath(name)


def test_previews_of_one_stem_do_not_meet():
    assert preview_name(PurePosixPath("d/a.jpg")) == PurePosixPath("preview/d/a_jpg.png")
    assert preview_name(PurePosixPath("d/a.png")) == PurePosixPath("preview/d/a_png.png")
