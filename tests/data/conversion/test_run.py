"""A to B to A, for every format and odd names; what would be lost; what is refused."""

import json
import shutil

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from dlcli.data.conversion import run as run_module
from dlcli.data.conversion.run import Conversion, Transfer, convert
from dlcli.data.conversion.target import TARGETS
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES, MASKS
from dlcli.data.mask_file import read_mask
from dlcli.errors import DataError, UsageError
from tests.data.conversion.sets import assert_same, coco_sets, outlined, simple, write

BOX_FORMATS = ("coco", "yolo", "voc", "labelme", "jsonl")
OUTLINE_FORMATS = ("coco", "yolo", "labelme", "jsonl", "masks")
HOLDS_DIFFICULT = ("coco", "voc", "labelme")
few = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def there_and_back(folder, to, **more):
    convert(Conversion(folder / "a", folder / "b", to, **more))
    convert(Conversion(folder / "b", folder / "c", "coco", **{k: v for k, v in more.items() if k == "masks"}))
    return folder / "c"


@few
@pytest.mark.parametrize("to", BOX_FORMATS)
@given(data=st.data())
def test_boxes_names_and_ids_come_back(tmp_path, to, data):
    folder = tmp_path / "set"
    shutil.rmtree(folder, ignore_errors=True)
    write(folder / "a", data.draw(coco_sets(whole=to == "voc", marks=to in HOLDS_DIFFICULT)))
    assert_same(there_and_back(folder, to), folder / "a")


@pytest.mark.parametrize("to", BOX_FORMATS)
def test_trees_and_splits_come_back(tmp_path, to):
    splits = ("train", "val", "trainval", "fold 3")
    for split in splits:
        write(tmp_path / "a", simple(), split)
    there_and_back(tmp_path, to)
    for split in splits:
        file = f"annotations/instances_{split}.json"
        assert_same(tmp_path / "c", tmp_path / "a", file)


@pytest.mark.parametrize("to", ["coco", "yolo", "voc", "labelme"])
def test_the_target_is_a_set_that_training_reads(tmp_path, to):
    write(tmp_path / "a", simple(), "val")
    convert(Conversion(tmp_path / "a", tmp_path / "b", to))
    dataset = read_dataset(BOXES, tmp_path / "b", "val", ("cat", "ant", "owl"))
    assert dataset.problems == ()
    (image,) = [found for found in dataset.items if len(found.target.xyxy)]
    np.testing.assert_allclose(image.target.xyxy, [[2, 3, 12, 15], [0, 0, 40, 30]], atol=1e-4)
    assert image.target.class_ids.tolist() == [2, 0]
    assert image.path.is_file()


@pytest.mark.parametrize(
    ("to", "lost"),
    [
        ("labelme", "outlines of which only the box is kept (--masks converts outlines): 3"),
        ("yolo", "boxes that lose their mark `iscrowd`: 1"),
        ("voc", "boxes that move to whole pixels, by up to 0.50: 1"),
        ("jsonl", "boxes that lose their mark `iscrowd`: 1"),
    ],
)
def test_a_loss_is_counted_and_refused_unless_allowed(tmp_path, to, lost):
    write(tmp_path / "a", outlined())
    with pytest.raises(UsageError, match="--allow-loss") as error:
        convert(Conversion(tmp_path / "a", tmp_path / "b", to))
    assert lost in str(error.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a"]
    done = convert(Conversion(tmp_path / "a", tmp_path / "b", to, allow_loss=True))
    assert lost in " ".join(done.lost)
    assert done.comparisons[0].read == done.comparisons[0].written


def test_difficult_is_lost_where_there_is_no_place_for_it(tmp_path):
    write(tmp_path / "a", simple(ignore=1))
    for to in BOX_FORMATS:
        asked = Conversion(tmp_path / "a", tmp_path / to, to)
        if to in HOLDS_DIFFICULT:
            assert convert(asked).lost == ()
        else:
            with pytest.raises(UsageError, match="boxes that lose their mark `difficult`: 1"):
                convert(asked)


@pytest.mark.parametrize("to", ["coco", "labelme"])
def test_outlines_come_back_whole(tmp_path, to):
    write(tmp_path / "a", outlined())
    there_and_back(tmp_path, to, masks=True)
    assert_same(tmp_path / "c", tmp_path / "a")
    assert drawn(tmp_path / "c") == drawn(tmp_path / "a")


@pytest.mark.parametrize("to", ["yolo", "jsonl", "masks"])
def test_outlines_draw_the_same_pixels_where_marks_or_objects_are_lost(tmp_path, to):
    write(tmp_path / "a", outlined())
    there_and_back(tmp_path, to, masks=True, allow_loss=True)
    assert drawn(tmp_path / "c") == drawn(tmp_path / "a")


def drawn(folder):
    """The pixels of each image by its id."""
    dataset = read_dataset(MASKS, next(folder.rglob("instances*.json")), None)
    return {image.image_id: read_mask(image).tobytes() for image in dataset.items}


def test_void_pixels_stay_between_masks_and_are_a_loss_elsewhere(tmp_path):
    mask = np.zeros((9, 9), np.uint8)
    mask[2:5, 2:5], mask[5] = 1, 255
    for folder, image in (("images", Image.new("RGB", (9, 9))), ("masks", Image.fromarray(mask))):
        (tmp_path / "a" / folder).mkdir(parents=True)
        image.save(tmp_path / "a" / folder / "x.png")
    (tmp_path / "a/classes.txt").write_text("background\ncat\n")
    convert(Conversion(tmp_path / "a", tmp_path / "b", "masks"))
    np.testing.assert_array_equal(np.array(Image.open(tmp_path / "b/masks/x.png")), mask)
    with pytest.raises(UsageError, match=r"images that lose the pixels that do not count \(255\): 1"):
        convert(Conversion(tmp_path / "a", tmp_path / "c", "coco"))
    done = convert(Conversion(tmp_path / "a", tmp_path / "c", "coco", allow_loss=True))
    assert (done.format, done.comparisons[0].written.objects) == ("masks", 1)


def test_new_images_of_a_set_with_ids_get_numbers_after_them(tmp_path):
    write(tmp_path / "a", simple())
    convert(Conversion(tmp_path / "a", tmp_path / "b", "yolo"))
    Image.new("RGB", (9, 9)).save(tmp_path / "b/images/all/new.png")
    convert(Conversion(tmp_path / "b", tmp_path / "c", "coco"))
    content = json.loads((tmp_path / "c/annotations/instances_all.json").read_text())
    assert {i["file_name"]: i["id"] for i in content["images"]} == {"deep/a b.png": 70, "c.png": 7, "new.png": 71}


def test_without_ids_classes_and_images_are_numbered_from_one(tmp_path):
    write(tmp_path / "a", simple())
    convert(Conversion(tmp_path / "a", tmp_path / "b", "yolo"))
    (tmp_path / "b/ids.json").unlink()
    convert(Conversion(tmp_path / "b", tmp_path / "c", "coco"))
    content = json.loads((tmp_path / "c/annotations/instances_all.json").read_text())
    assert content["categories"] == [{"id": 1, "name": "cat"}, {"id": 2, "name": "owl"}, {"id": 3, "name": "ant"}]
    assert [image["id"] for image in content["images"]] == [1, 2]


def test_bad_files_are_refused_or_left_out_and_counted(tmp_path):
    content = simple(bbox=[35, 3, 10, 12])
    write(tmp_path / "a", content)
    with pytest.raises(DataError, match=r"1 bad file.*\n.*outside the image of 40x30"):
        convert(Conversion(tmp_path / "a", tmp_path / "b", "yolo"))
    said = []
    done = convert(Conversion(tmp_path / "a", tmp_path / "b", "yolo"), said.append)
    assert (done.skipped, done.comparisons[0].read.images) == (1, 1)
    assert "outside the image" in said[0]


def test_images_that_are_missing_are_named_where_the_format_needs_them(tmp_path):
    write(tmp_path / "a", simple())
    (tmp_path / "a/images").rename(tmp_path / "elsewhere")
    with pytest.raises(DataError, match=r"c\.png: no such file; --images DIR says where"):
        convert(Conversion(tmp_path / "a", tmp_path / "b", "yolo"))
    convert(Conversion(tmp_path / "a", tmp_path / "r", "jsonl"))  # needs none
    convert(Conversion(tmp_path / "a", tmp_path / "b", "yolo", images=tmp_path / "elsewhere"))
    assert (tmp_path / "b/images/all/deep/a b.png").is_file()


@pytest.mark.parametrize("how", list(Transfer))
def test_what_becomes_of_the_images(tmp_path, how):
    write(tmp_path / "a", simple())
    convert(Conversion(tmp_path / "a", tmp_path / "b", "yolo", transfer=how))
    source, placed = tmp_path / "a/images/c.png", tmp_path / "b/images/all/c.png"
    assert placed.exists() == (how is not Transfer.NONE)
    if how is not Transfer.NONE:
        assert placed.read_bytes() == source.read_bytes()
        assert placed.samefile(source) == (how is Transfer.LINK)
    assert (tmp_path / "b/labels/all/c.txt").is_file()


def test_a_voc_set_of_boxes_has_no_masks_to_convert(tmp_path):
    write(tmp_path / "a", simple())
    convert(Conversion(tmp_path / "a", tmp_path / "b", "voc", split="all"))
    for to, masks in (("masks", False), ("coco", True)):
        with pytest.raises(UsageError, match=r"b: is a VOC set of boxes, without masks; looked for SegmentationClass"):
            convert(Conversion(tmp_path / "b", tmp_path / "c", to, masks=masks))


def test_two_images_of_one_stem_are_refused(tmp_path):
    content = simple()
    content["images"][1]["file_name"] = "a b.png"
    write(tmp_path / "a", content)
    with pytest.raises(DataError, match=r"deep/a b\.png and a b\.png would share a file of voc"):
        convert(Conversion(tmp_path / "a", tmp_path / "b", "voc"))
    convert(Conversion(tmp_path / "a", tmp_path / "b", "labelme"))


def test_a_target_that_is_there_is_replaced_only_if_it_is_ours(tmp_path):
    write(tmp_path / "a", simple())
    (tmp_path / "b").mkdir()
    (tmp_path / "b/mine.txt").write_text("precious")
    for more, message in (({}, "is there already"), ({"overwrite": True}, "was not written by dlcli convert")):
        with pytest.raises(UsageError, match=message):
            convert(Conversion(tmp_path / "a", tmp_path / "b", "yolo", **more))
    (tmp_path / "b/mine.txt").unlink()
    convert(Conversion(tmp_path / "a", tmp_path / "b", "yolo", overwrite=True))
    convert(Conversion(tmp_path / "a", tmp_path / "b", "labelme", overwrite=True))
    assert not (tmp_path / "b/data.yaml").exists()
    assert (tmp_path / "a/images/c.png").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_source_and_target_lie_apart(tmp_path):
    write(tmp_path / "a", simple())
    for target in (tmp_path / "a", tmp_path / "a/inside", tmp_path):
        with pytest.raises(UsageError, match="name another place"):
            convert(Conversion(tmp_path / "a", target, "yolo", overwrite=True))
    with pytest.raises(UsageError, match=r"a \.json file is for --to coco"):
        convert(Conversion(tmp_path / "a", tmp_path / "b.json", "yolo"))


def test_one_file_has_its_ids_beside(tmp_path):
    write(tmp_path / "a", simple())
    convert(Conversion(tmp_path / "a", tmp_path / "r.jsonl", "jsonl"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "r.ids.json", "r.jsonl"]
    convert(Conversion(tmp_path / "r.jsonl", tmp_path / "c.json", "coco"))
    (tmp_path / "c.json").rename(tmp_path / "instances.json")
    assert_same(tmp_path, tmp_path / "a")


def test_what_comes_back_different_is_no_success_and_nothing_stays(tmp_path, monkeypatch):
    write(tmp_path / "a", simple())
    whole = TARGETS["yolo"]

    def forgetful(sets, target):
        for name, data in whole.files(sets, target):
            yield name, data.split(b"\n")[0] if name.suffix == ".txt" else data

    monkeypatch.setitem(run_module.TARGETS, "yolo", type(whole)(forgetful, whole.image, whole.flat))
    with pytest.raises(DataError, match="what was written is not what was read") as error:
        convert(Conversion(tmp_path / "a", tmp_path / "b", "yolo"))
    assert "read: images 2, objects 2, classes 2; written: images 2, objects 1, classes 1" in str(error.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a"]


def test_what_cannot_be_read_back_is_told_of_the_target_and_not_of_the_place_beside(tmp_path, monkeypatch):
    write(tmp_path / "a", simple(), "trainval")
    whole = TARGETS["labelme"]
    nothing = type(whole)(lambda sets, target: iter(()), whole.image, whole.flat)
    monkeypatch.setitem(run_module.TARGETS, "labelme", nothing)
    with pytest.raises(DataError, match="no split 'trainval'") as error:
        convert(Conversion(tmp_path / "a", tmp_path / "b", "labelme"))
    assert f"{tmp_path / 'b'}: no split" in str(error.value)
    assert ".dlcli-" not in str(error.value)


def test_splits_that_number_classes_differently_are_refused(tmp_path):
    write(tmp_path / "a", simple(), "train")
    other = simple()
    other["categories"][1]["name"] = "dog"
    write(tmp_path / "a", other, "val")
    with pytest.raises(DataError, match="the splits differ in class 0: cat and dog"):
        convert(Conversion(tmp_path / "a", tmp_path / "b", "yolo"))
    convert(Conversion(tmp_path / "a", tmp_path / "b", "yolo", split="val"))
    assert not (tmp_path / "b/labels/train").exists()


def test_labels_of_yolo_with_images_elsewhere(tmp_path):
    write(tmp_path / "a", simple())
    convert(Conversion(tmp_path / "a", tmp_path / "b", "yolo", transfer=Transfer.NONE))
    with pytest.raises(DataError, match="expected images, found none"):
        convert(Conversion(tmp_path / "b", tmp_path / "c", "coco", split="all"))
    convert(Conversion(tmp_path / "b", tmp_path / "c", "coco", split="all", images=tmp_path / "a/images"))
    (tmp_path / "c/annotations/instances_all.json").rename(tmp_path / "c/instances.json")
    assert_same(tmp_path / "c", tmp_path / "a")
