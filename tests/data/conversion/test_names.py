"""Names of images that mean something to a format, there and back."""

import os
import shutil

import pytest
from PIL import Image

from dlcli.data.conversion.run import Conversion, convert
from dlcli.errors import DataError
from tests.data.conversion.sets import assert_same, simple, write
from tests.data.conversion.test_run import BOX_FORMATS, there_and_back


@pytest.mark.parametrize("to", BOX_FORMATS)
def test_a_backslash_is_a_letter_of_a_name(tmp_path, to):
    """LabelMe's files from Windows have it between folders, where there is no such image."""
    content = simple()
    content["images"][0]["file_name"], content["images"][1]["file_name"] = "\\.png", "a\\b.png"
    write(tmp_path / "a", content)
    assert_same(there_and_back(tmp_path, to), tmp_path / "a")


@pytest.mark.parametrize("to", BOX_FORMATS)
@pytest.mark.parametrize("split", ["", "val"])
def test_names_with_a_folder_images_come_back(tmp_path, to, split):
    """Exporters write them; YOLO's tools put labels/ in place of the last images/ of an image's path."""
    content = simple()
    content["images"][0]["file_name"], content["images"][1]["file_name"] = "images/a b.png", "images/images/c.png"
    write(tmp_path / "a", content, split)
    there_and_back(tmp_path, to)
    assert_same(tmp_path / "c", tmp_path / "a", f"annotations/instances_{split}.json" if split else "instances.json")


def test_a_yolo_set_has_one_folder_images(tmp_path):
    content = simple()
    content["images"][0]["file_name"], content["images"][1]["file_name"] = "images/a b.png", "images/c.png"
    write(tmp_path / "a", content)
    convert(Conversion(tmp_path / "a", tmp_path / "b", "yolo"))
    written = sorted(str(path.relative_to(tmp_path / "b")) for path in (tmp_path / "b").rglob("*.[pt][nx][gt]"))
    assert written == ["images/a b.png", "images/c.png", "labels/a b.txt", "labels/c.txt"]
    content["images"][1]["file_name"] = "a b.png"
    write(tmp_path / "d", content)
    with pytest.raises(DataError, match=r"images/a b\.png and a b\.png would share a file of yolo"):
        convert(Conversion(tmp_path / "d", tmp_path / "e", "yolo"))


@pytest.mark.parametrize("to", [*BOX_FORMATS, "masks"])
def test_a_file_whose_name_is_no_utf8_gets_one_that_is(tmp_path, to):
    content = simple()
    del content["images"][1], content["annotations"][1]
    content["annotations"][0]["segmentation"] = [[2, 3, 12, 3, 12, 15]]
    content["images"][0]["file_name"] = "a.png"
    write(tmp_path / "a", content)
    convert(Conversion(tmp_path / "a", tmp_path / "y", "yolo", masks=to == "masks", allow_loss=True))
    for folder, ending in (("images", b"png"), ("labels", b"txt")):
        place = os.fsencode(tmp_path / "y" / folder)
        shutil.move(place + b"/a." + ending, place + b"/caf\xe9." + ending)
    done = convert(
        Conversion(tmp_path / "y", tmp_path / "b", to, masks=to == "masks", allow_loss=to in ("voc", "masks"))
    )
    assert done.comparisons[0].read == done.comparisons[0].written
    placed = [path.name for path in (tmp_path / "b").rglob("*.png") if path.parent.name != "masks"]
    assert placed == ([] if to == "jsonl" else ["caf\ufffd.png"])


def test_two_splits_whose_images_would_be_one_file_are_refused(tmp_path):
    """VOC has one folder for the images of all splits; an image of several splits is the same file."""
    for split in ("train", "val"):
        write(tmp_path / "a", simple(), split)
    convert(Conversion(tmp_path / "a", tmp_path / "b", "voc"))
    Image.new("RGB", (20, 20), "red").save(tmp_path / "a/images/val/c.png")
    with pytest.raises(DataError, match=r"a/images/val/c\.png: another image would be JPEGImages/c\.png"):
        convert(Conversion(tmp_path / "a", tmp_path / "c", "voc"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]
