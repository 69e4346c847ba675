"""COCO files as people have them: ids, names, categories and outlines in every spelling, and what meets nothing."""

import json

import pytest

from dlcli.data.check import drop_bad_files
from dlcli.data.coco.boxes import read_coco
from dlcli.data.coco.masks import read_coco_masks
from dlcli.data.mask_file import read_mask
from dlcli.errors import DataError
from tests.data.sets import assert_is_the_set, coco_content, write_coco, write_image, write_text

ORDERED = ("dog", "cat", "owl")  # by category id: 2, 7, 40


def changed(folder, change):
    content = coco_content()
    change(content)
    return read_coco(write_coco(folder / "instances.json", folder, content))


def each(key, make):
    def change(content):
        for entry in content["annotations"]:
            entry[key] = make(entry[key])

    return change


@pytest.mark.parametrize(
    "change",
    [
        each("image_id", str),
        each("image_id", float),
        each("category_id", float),
        each("category_id", str),
        each("iscrowd", lambda _: None),
        each("iscrowd", lambda _: "0"),
        lambda c: [image.update(id=str(image["id"])) for image in c["images"]],
        lambda c: [image.update(id=float(image["id"])) for image in c["images"]],
        lambda c: [image.update(file_name=".\\" + image["file_name"]) for image in c["images"]],
        lambda c: [image.update(file_name="C:\\Users\\x\\" + image["file_name"]) for image in c["images"]],
        lambda c: [image.update(file_name="/home/x/set/" + image["file_name"]) for image in c["images"]],
        lambda c: [image.update(file_name="../images/" + image["file_name"]) for image in c["images"]],
        lambda c: c["categories"].append(dict(c["categories"][0])),
        lambda c: c["categories"].append({"id": 0, "name": "cat", "supercategory": "none"}),
        lambda c: c["categories"].append({"id": 0, "name": "_background_", "supercategory": None}),
        lambda c: (
            [category.update(supercategory="animals") for category in c["categories"]],
            c["categories"].append({"id": 0, "name": "animals", "supercategory": "none"}),
        ),
    ],
)
def test_the_set_comes_back_whatever_the_spelling(tmp_path, change):
    assert_is_the_set(changed(tmp_path, change), ORDERED)


def test_a_category_that_is_left_out_is_said(tmp_path):
    found = changed(tmp_path, lambda c: c["categories"].append({"id": 0, "name": "_background_"}))
    assert found.notes == (
        f"{tmp_path / 'instances.json'}: category 0 '_background_' has no annotation and means the background, so it "
        "is no class",
    )


def test_images_that_lost_annotations_may_be_theirs_are_no_background(tmp_path):
    """c.jpg has no box; with an annotation that meets no image it may have lost it."""
    found = changed(tmp_path, lambda c: c["annotations"][2].update(image_id=9))
    assert "annotations[2]: no image has the id 9" in found.problems[0].message
    assert "images without any, which are left out: b.jpg, c.jpg" in found.problems[1].message
    kept = drop_bad_files(found, found.problems, lambda _: None)
    assert [item.path.name for item in kept.items] == ["a.jpg"]


@pytest.mark.parametrize("entry", [{"id": 100, "file_name": "d.jpg"}, {"id": 1, "file_name": "./a.jpg"}])
def test_two_images_that_share_an_id_or_a_file_are_left_out(tmp_path, entry):
    found = changed(tmp_path, lambda c: c["images"].append(entry))
    assert found.problems
    assert [item.path.name for item in found.items] == ["b.jpg", "c.jpg"]


def test_two_categories_of_one_name_that_both_have_boxes_are_refused(tmp_path):
    def change(content):
        content["categories"].append({"id": 9, "name": "cat"})
        content["annotations"].append(content["annotations"][0] | {"category_id": 9})

    with pytest.raises(DataError, match="each category name once, found again: cat"):
        changed(tmp_path, change)


def test_run_lengths_of_the_turned_image_are_refused(tmp_path):
    """Both for boxes and for masks, where they would draw stripes."""

    def change(content):
        content["annotations"][2]["segmentation"] = {"size": [32, 48], "counts": [0, 32 * 48]}

    found = changed(tmp_path, change)
    assert "run lengths of 48x32 (width x height), the image is 32x48; it was made of the image turned" in str(
        found.problems[0]
    )
    assert "the image is 32x48" in str(read_coco_masks(tmp_path / "instances.json").problems)


@pytest.mark.parametrize("sides", [{"width": None, "height": None}, {"width": "32", "height": "48"}, {}])
@pytest.mark.parametrize("size", [[32, 48], [32.0, 48.0]])
def test_so_they_are_where_the_file_alone_tells_the_sides(tmp_path, sides, size):
    def change(content):
        image = content["images"][1]
        del image["width"], image["height"]
        image.update(sides)
        content["annotations"][2]["segmentation"] = {"size": size, "counts": [32 * 48]}

    found = changed(tmp_path, change)
    assert "it was made of the image turned" in found.problems[0].message
    assert "b.jpg" not in [item.path.name for item in found.items]


@pytest.mark.parametrize("shape", [[2, 2, 12, 2, 12, 9, 2, 9, 2, 2], [[2, 2, 12, 2, 12, 9, 2, 9, 2, 2]]])
def test_a_closed_rectangle_is_a_box_and_draws_its_pixels(tmp_path, shape):
    write_image(tmp_path / "a.png", 20, 10)
    entry = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [2, 2, 10, 7], "segmentation": shape}
    image, category = {"id": 1, "file_name": "a.png", "width": 20, "height": 10}, {"id": 1, "name": "cat"}
    content = {"images": [image], "annotations": [entry], "categories": [category]}
    path = write_text(tmp_path / "instances.json", json.dumps(content))
    (item,) = read_coco(path).items
    assert item.target.outlines == 0
    mask = read_mask(read_coco_masks(path).items[0])
    assert mask[2:9, 2:12].all()
    assert mask.sum() == 70


@pytest.mark.parametrize(
    ("file", "split"),
    [
        ("annotations/person_keypoints_val2017.json", "val2017"),
        ("result.json", None),
        ("via_export_coco.json", None),
        ("train.json", "train"),
        ("train/labels.json", "train"),
        ("data/labels.json", None),
    ],
)
def test_a_file_of_any_name_is_found(tmp_path, file, split):
    if file.startswith("data/"):
        file = "labels.json"
    images = tmp_path / ("train/data" if file.startswith("train/") else "images")
    write_coco(tmp_path / file, images)
    assert_is_the_set(read_coco(tmp_path, split), ORDERED)


def test_images_that_the_file_does_not_list_are_said(tmp_path):
    write_coco(tmp_path / "instances.json", tmp_path / "images")
    write_image(tmp_path / "images" / "new.jpg", 10, 10)
    assert read_coco(tmp_path).notes == (
        f"{tmp_path / 'instances.json'}: 1 image beside its own not listed in it, left out: new.jpg",
    )
