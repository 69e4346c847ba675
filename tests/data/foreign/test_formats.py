"""Sets that are not read are refused by name, and are never taken for folders of classes."""

import json

import pytest

from dlcli.data.formats import format_of
from dlcli.data.kinds import BOXES, CLASSES, MASKS
from dlcli.errors import DataError
from tests.data.sets import voc_xml, write_coco, write_image, write_text, write_yolo

TASK = [{"id": 1, "data": {"image": "/data/upload/a.jpg"}, "annotations": []}]
MIN = [{"id": 1, "image": "/data/a.jpg", "label": [{"x": 1, "rectanglelabels": ["cat"]}]}]  # Label Studio's JSON-MIN
FOREIGN = {
    "Cityscapes": ("gtFine/train/aachen/a_gtFine_labelIds.png", None),
    "DOTA": ("labelTxt/a.txt", "imagesource:GoogleEarth\n"),
    "DOTA, whose": ("train/labelTxt-v1.0/a.txt", "1 1 9 1 9 9 1 9 plane 0\n"),
    "Label Studio's": ("project.json", json.dumps(MIN)),
    "FiftyOne export": ("labels.json", json.dumps({"classes": ["cat"], "labels": {"a": 0}})),
    "CVAT's XML for video": ("annotations.xml", '<annotations><track id="0" label="cat"></track></annotations>'),
    "CVAT's XML for images": ("annotations/all.xml", '<annotations><image id="0" name="a.jpg"></image></annotations>'),
    "boxes in CSV .boxes": ("boxes.csv", "train/a.jpg,1,1,9,9,cat\n"),
    "mask export of Roboflow": ("train/_classes.csv", "Pixel Value, Class\n0, background\n"),
    "Label Studio": ("project.json", json.dumps(TASK)),
    "FiftyOne": ("samples.json", "{}"),
    "CVAT's XML": ("annotations.xml", '<annotations><image id="0" name="a.jpg"></image></annotations>'),
    "VGG Image Annotator": ("via.json", '{"_via_settings": {}}'),
    "CreateML": ("_annotations.json", json.dumps([{"image": "a.jpg", "annotations": []}])),
    "boxes in CSV": ("train/_annotations.csv", "filename,width,height,class,xmin,ymin,xmax,ymax\n"),
    "multi-label export of Roboflow": ("train/_classes.csv", "filename, cat, dog\n"),
    "panoptic": ("panoptic_val.json", '{"images": [], "annotations": [{"segments_info": []}], "categories": []}'),
}


@pytest.mark.parametrize("kind", [BOXES, MASKS, CLASSES], ids=lambda kind: kind.name)
@pytest.mark.parametrize("name", FOREIGN)
def test_it_is_refused_by_name(tmp_path, kind, name):
    place, text = FOREIGN[name]
    for split in ("train", "valid"):
        write_image(tmp_path / split / "a.jpg", 20, 20)
    if text is None:
        write_image(tmp_path / place, 20, 20)
        write_image(tmp_path / "leftImg8bit/train/aachen/a_leftImg8bit.png", 20, 20)
    else:
        write_text(tmp_path / place, text)
    write_text(tmp_path / "metadata.json", "{}")
    with pytest.raises(DataError, match=name):
        format_of(kind, tmp_path)


def roboflow_voc(place):
    for split in ("train", "valid"):
        write_image(place / split / "a.jpg", 20, 20)
        write_text(place / split / "a.xml", voc_xml(20, 20, []))


def roboflow_coco(place):
    for split in ("train", "valid"):
        write_coco(place / split / "_annotations.coco.json", place / split)


def roboflow_yolo(place):
    for split in ("train", "valid"):
        write_yolo(place / split / "images", place / split / "labels")


def yolo_without_names(place):
    write_yolo(place / "images", place / "labels")


def masks(place):
    write_image(place / "images" / "a.png", 20, 20)
    write_image(place / "masks" / "a.png", 20, 20)


@pytest.mark.parametrize("write", [roboflow_voc, roboflow_coco, roboflow_yolo, yolo_without_names, masks])
def test_other_labels_are_no_folders_of_classes(tmp_path, write):
    write(tmp_path)
    with pytest.raises(DataError, match="folders are no classes"):
        format_of(CLASSES, tmp_path)


def test_folders_of_classes_are(tmp_path):
    for split in ("train", "valid"):
        for name in ("cat", "dog"):
            write_image(tmp_path / split / name / "a.jpg", 20, 20)
    assert format_of(CLASSES, tmp_path).name == "folders"


@pytest.mark.parametrize("name", ["0.txt", "0.json"])
def test_captions_and_metadata_beside_images_are_no_annotations(tmp_path, name):
    for label in ("cat", "dog"):
        write_image(tmp_path / label / "0.jpg", 20, 20)
        write_text(tmp_path / label / name, '{"camera": "a"}' if name.endswith("json") else "a photo of a pet")
    assert format_of(CLASSES, tmp_path).name == "folders"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (["images/a.jpg"], "images is named like a folder of images"),
        (["train/images/a.jpg", "train/labels/a.mat"], "images is named like a folder of images"),
        (["JPEGImages/a.jpg", "Annotations_Part/a.mat"], "a.mat and no image, so it is no class"),
        (["cat/a.jpg", "gt/gt.txt"], "gt holds gt.txt and no image, so it is no class"),
        (["train/a.jpg", "valid/b.jpg"], "train, valid are splits"),
        (["train/a.jpg", "train/_annotations.txt", "test/b.jpg"], "test, train are splits"),
        (["mine/cat/a.jpg", "mine/dog/b.jpg"], "its only folder holds folders of images"),
        (["WIDER_train/a/a.jpg", "WIDER_train/b/b.jpg", "split/boxes.txt"], "boxes.txt and no image"),
    ],
)
def test_folders_that_are_no_classes(tmp_path, files, reason):
    for name in files:
        write_image(tmp_path / name, 20, 20) if name.endswith("jpg") else write_text(tmp_path / name, "a")
    with pytest.raises(DataError, match=f"{reason}.*; expected a folder per class"):
        format_of(CLASSES, tmp_path)


@pytest.mark.parametrize(
    "files", [["cat/a.jpg"], ["cat/deep/a.jpg"], ["train/a.jpg", "bus/b.jpg"], ["cat/a.jpg", "owl/"]]
)
def test_folders_that_may_be_classes(tmp_path, files):
    for name in files:
        (tmp_path / name).mkdir(parents=True) if name.endswith("/") else write_image(tmp_path / name, 20, 20)
    assert format_of(CLASSES, tmp_path).name == "folders"
