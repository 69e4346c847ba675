"""What was found in one image as record, line, table and files, read back by other libraries."""

import contextlib
import json
from io import BytesIO, StringIO
from pathlib import PurePosixPath

import numpy as np
import pytest
from PIL import Image
from pycocotools import mask as oracle
from pycocotools.coco import COCO

from dlcli.ops.masks import polygon_mask
from dlcli.records import DecodedImage, IndexMask
from dlcli.tasks.segment.options import CutoutBy, CutoutSize
from dlcli.tasks.segment.result import Segments, Showing, yolo_numbers
from dlcli.tasks.segment.task import TASK
from tests.program import CAT, dlcli

LABELS = ("background", "dog", "light bulb / lamp", "owl")
VALUES = np.zeros((20, 30), np.uint8)
VALUES[2:12, 3:13] = 1
VALUES[12:14, 5:9] = 3
PIXELS = np.random.default_rng(0).integers(0, 256, (20, 30, 3), np.uint8)


def segments(values=VALUES, background=0):
    return Segments(IndexMask(values), LABELS, background)


def files(saves, values=VALUES, place="in/a.b.jpg"):
    return {
        str(name): data for name, data in segments(values).outputs(DecodedImage(PIXELS), PurePosixPath(place), saves)
    }


def opened(data):
    return np.array(Image.open(BytesIO(data)))


def test_the_record_lists_classes_by_share():
    found = segments().fields()["classes"]
    assert [(c["label"], c["class_id"], c["share"]) for c in found] == [("dog", 1, 0.1667), ("owl", 3, 0.0133)]
    for item in found:
        rle = {"size": item["rle"]["size"], "counts": item["rle"]["counts"].encode()}
        np.testing.assert_array_equal(oracle.decode(rle), np.equal(VALUES, item["class_id"]))


def test_people_read():
    assert segments().line() == "dog 17%, owl 1%"
    assert segments().table() == (["label", "share", "pixels"], [["dog", "17%", "100"], ["owl", "1%", "8"]])
    assert TASK.tally({"ok": True, **segments().fields()}) == {"dog": 1, "owl": 1}
    assert segments(VALUES * 0).line() == "nothing but background"
    assert segments(VALUES * 0).fields() == {"classes": []}
    assert segments(VALUES * 0).table()[1] == []


def test_without_a_background_every_class_is_listed_and_255_is_none():
    values = np.where(VALUES == 3, 255, VALUES).astype(np.uint8)
    found = segments(values, None).fields()["classes"]
    assert [c["class_id"] for c in found] == [0, 1]


def test_the_index_mask():
    (name,) = found = files(("index",))
    assert name == "in/a.b.png"
    np.testing.assert_array_equal(opened(found[name]), VALUES)


def test_a_mask_for_each_class():
    found = files(("masks",))
    assert list(found) == ["masks/in/a.b_jpg/001-dog.png", "masks/in/a.b_jpg/003-owl.png"]
    np.testing.assert_array_equal(opened(found["masks/in/a.b_jpg/001-dog.png"]), np.where(VALUES == 1, 255, 0))


def test_names_of_classes_become_names_of_files():
    assert list(files(("masks",), np.full((20, 30), 2, np.uint8))) == ["masks/in/a.b_jpg/002-light-bulb---lamp.png"]


def cut(by=CutoutBy.CLASS, size=CutoutSize.CROP):
    """Two gray squares on white, the files of --save cutouts by their names."""
    pixels, values = np.full((80, 100, 3), 255, np.uint8), np.zeros((80, 100), np.uint8)
    for part in ((slice(10, 60), slice(5, 45)), (slice(30, 50), slice(70, 90))):
        pixels[part], values[part] = 90, 1
    found = Segments(IndexMask(values), LABELS, 0, Showing(cutout_by=by, cutout_size=size))
    files = found.outputs(DecodedImage(pixels), PurePosixPath("a.jpg"), ("cutouts",))
    return {str(name): opened(data) for name, data in files}


def test_a_cutout_is_the_object_on_transparency():
    (name, rgba), *others = cut().items()
    assert (name, others) == ("cutouts/a_jpg/001-dog.png", [])
    assert np.abs(np.array(rgba.shape) - (50, 85, 4)).max() <= 2
    top, left = (np.flatnonzero((rgba[..., 3] > 128).any(axis))[0] for axis in (1, 0))
    assert (rgba[top + 4 : top + 44, left + 4 : left + 34] == (90, 90, 90, 255)).all()
    assert not rgba[:, left + 48 : left + 58].any()


def test_a_region_a_file_at_the_size_of_the_image():
    found = cut(CutoutBy.REGION, CutoutSize.FULL)
    assert list(found) == ["cutouts/a_jpg/001-dog-01.png", "cutouts/a_jpg/001-dog-02.png"]
    large, small = found.values()
    assert large.shape == small.shape == (80, 100, 4)
    assert (large[35, 25, 3], large[40, 80, 3]) == (255, 0)
    assert (small[35, 25, 3], small[40, 80, 3]) == (0, 255)


def test_the_overlay_keeps_the_name():
    (name,) = found = files(("overlay",))
    assert name == "overlay/in/a.b.jpg"
    assert opened(found[name]).shape == (20, 30, 3)
    assert list(files(("overlay",), place="x.gif")) == ["overlay/x.gif.png"]


def test_an_index_mask_is_checked():
    with pytest.raises(ValueError, match=r"values: expected uint8 \[3, 4\], got int64 \[3, 4\]"):
        IndexMask(np.zeros((3, 4), np.int64))
    assert (IndexMask(VALUES).width, IndexMask(VALUES).height) == (30, 20)


def test_polygons_draw_the_mask_again():
    values = VALUES.copy()
    values[5:8, 6:9] = 0  # a hole
    values[15:17, 20:22] = 1  # another piece
    found = files(("yolo", "labelme"), values)
    drawn = np.zeros_like(values)
    for line in found["labels/in/a.b.txt"].decode().splitlines():
        number, *parts = line.split()
        points = np.array(parts, float).reshape(-1, 2) * (30, 20)
        drawn[polygon_mask([points], 20, 30)] = int(number) + 1  # classes.txt leaves the background out
    np.testing.assert_array_equal(drawn, values)
    drawn[:] = 0
    content = json.loads(found["labelme/in/a.b.json"])
    for shape in content["shapes"]:
        drawn[polygon_mask([np.array(shape["points"])], 20, 30)] = LABELS.index(shape["label"])
    np.testing.assert_array_equal(drawn, values)
    assert [shape["label"] for shape in content["shapes"]] == ["dog", "dog", "owl"]
    assert content["imagePath"] == "a.b.jpg"


def test_numbers_of_classes_txt():
    assert yolo_numbers(4, 0) == {1: 0, 2: 1, 3: 2}
    assert yolo_numbers(3, None) == {0: 0, 1: 1, 2: 2}


@pytest.mark.parametrize("place", ["in/a.b.jpg", "plain"])
def test_polygons_lie_where_output_names_says(place):
    assert set(files(("yolo", "labelme"), place=place)) == {
        str(name) for name in TASK.output_names(PurePosixPath(place), ("yolo", "labelme", "coco"))
    }


def test_a_run_writes_coco_as_pycocotools_reads_it(tmp_path):
    assert dlcli("segment", CAT, "--out", tmp_path, "--save", "coco,yolo,index", "--quiet").code == 0
    with contextlib.redirect_stdout(StringIO()):
        coco = COCO(str(tmp_path / "coco.json"))
    index = np.array(Image.open(tmp_path / "cat.png"))
    for entry in coco.loadAnns(coco.getAnnIds()):
        np.testing.assert_array_equal(coco.annToMask(entry), index == entry["category_id"])
    assert len(coco.getAnnIds()) == len(np.unique(index)) - 1
    assert 0 not in coco.getCatIds()
    assert (tmp_path / "classes.txt").read_text().splitlines()[7] == "cat"
