"""A set may name any file of the machine; only those in its folder are taken unasked."""

import os

import pytest

from dlcli.data.conversion.run import Conversion, convert
from dlcli.errors import DataError
from tests.data.sets import write_image, write_text

ROW = "0 0.5 0.5 0.25 0.5\n"


def yolo(folder, train):
    write_image(folder / "images" / "in.jpg", 40, 20)
    write_text(folder / "labels" / "in.txt", ROW)
    write_text(folder / "data.yaml", f"train: {train}\nnames: [cat]\n")
    return folder


@pytest.mark.parametrize("way", ["absolute", "path", "list"])
def test_images_of_elsewhere_are_refused_and_copied_when_asked(tmp_path, way):
    private = write_image(tmp_path / "private" / "photo.jpg", 40, 20)
    folder = yolo(tmp_path / "set", private.parent if way == "absolute" else "list.txt")
    if way == "path":
        write_text(folder / "data.yaml", f"path: /\ntrain: {str(private.parent)[1:]}\nnames: [cat]\n")
    write_text(folder / "list.txt", f"{private}\n")
    with pytest.raises(DataError, match=r"1 image outside the set's folder: .*photo\.jpg; .*--outside copy"):
        convert(Conversion(folder, tmp_path / "new", "coco"))
    assert not (tmp_path / "new").exists()
    done = convert(Conversion(folder, tmp_path / "new", "coco", outside=True))
    assert "1 image outside the set's folder copied" in done.notes[-1]
    (copied,) = (tmp_path / "new").rglob("photo.jpg")
    assert not os.path.samefile(copied, private)


def test_images_of_the_folder_are_linked(tmp_path):
    folder = yolo(tmp_path / "set", "images")
    assert convert(Conversion(folder, tmp_path / "new", "coco")).notes == ()
    (linked,) = (tmp_path / "new").rglob("in.jpg")
    assert os.path.samefile(linked, folder / "images" / "in.jpg")


def test_a_box_outside_is_clipped_when_asked(tmp_path):
    folder = yolo(tmp_path / "set", "images")
    write_text(folder / "labels" / "in.txt", "0 0 0.5 0.25 0.5\n")
    with pytest.raises(DataError, match="outside the image of 40x20"):
        convert(Conversion(folder, tmp_path / "new", "coco"))
    done = convert(Conversion(folder, tmp_path / "new", "yolo", clip=True))
    assert done.notes == (f"{folder}: 1 box clipped to the image, by up to 5 pixels",)
    assert (tmp_path / "new/labels/train/in.txt").read_text() == "0 0.0625 0.5 0.125 0.5\n"
