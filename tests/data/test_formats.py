"""The format is found by looking; a folder that fits none is told what was looked for."""

import os
from pathlib import Path

import pytest

from dlcli.data.formats import dataset_splits, read_dataset
from dlcli.data.kinds import BOXES
from dlcli.errors import DataError
from tests.data.sets import assert_is_the_set, coco_content, write_coco, write_text, write_voc, write_yolo


def voc(folder):
    write_voc(folder)


def voc_with_other_names(folder):
    write_voc(folder)
    (folder / "Annotations").rename(folder / "annots")
    (folder / "JPEGImages").rename(folder / "images")


def coco(folder):
    write_coco(folder / "annotations" / "instances_train.json", folder / "images", coco_content((1, 2, 3)))


def coco_2017(folder):
    write_coco(folder / "annotations" / "instances_train2017.json", folder / "train2017", coco_content((1, 2, 3)))


def yolo(folder):
    write_text(folder / "data.yaml", "names: [cat, dog, owl]\n")
    write_yolo(folder / "images" / "train", folder / "labels" / "train")


def yolo_without_yaml(folder):
    write_text(folder / "classes.txt", "cat\ndog\nowl\n")
    write_yolo(folder / "train" / "images", folder / "train" / "labels")


@pytest.mark.parametrize(
    ("write", "format"),
    [
        (voc, "voc"),
        (voc_with_other_names, "voc"),
        (coco, "coco"),
        (coco_2017, "coco"),
        (yolo, "yolo"),
        (yolo_without_yaml, "yolo"),
    ],
)
def test_a_format_is_found(tmp_path, write, format):
    write(tmp_path)
    dataset = read_dataset(BOXES, tmp_path, "train")
    assert dataset.format == format
    assert dataset.source == tmp_path
    assert_is_the_set(dataset)
    assert_is_the_set(read_dataset(BOXES, tmp_path, "train", ("owl", "cat", "dog")), ("owl", "cat", "dog"))
    with pytest.raises(DataError, match=r"no split 'holdout'.*found train"):
        read_dataset(BOXES, tmp_path, "holdout")


@pytest.mark.parametrize("write", [voc, yolo, coco, coco_2017, yolo_without_yaml])
def test_a_relative_folder_is_fine(tmp_path, write):
    write(tmp_path)
    here = Path.cwd()
    try:
        os.chdir(tmp_path)
        assert_is_the_set(read_dataset(BOXES, Path(), "train"))
    finally:
        os.chdir(here)


def test_a_file_may_be_given(tmp_path):
    file = write_coco(tmp_path / "boxes.json", tmp_path / "images", coco_content((1, 2, 3)))
    assert_is_the_set(read_dataset(BOXES, file, "val"))
    yolo(tmp_path)
    assert_is_the_set(read_dataset(BOXES, tmp_path / "data.yaml", "train"))


def test_valid_stands_in_for_val(tmp_path):
    write_coco(tmp_path / "valid" / "_annotations.coco.json", tmp_path / "valid", coco_content((1, 2, 3)))
    assert dataset_splits(BOXES, tmp_path) == ["valid"]
    assert_is_the_set(read_dataset(BOXES, tmp_path, "val"))


@pytest.mark.parametrize("split", ["all", None])
def test_all_reads_a_set_without_splits(tmp_path, split):
    write_coco(tmp_path / "instances.json", tmp_path / "images", coco_content((1, 2, 3)))
    assert_is_the_set(read_dataset(BOXES, tmp_path, split))


def test_a_voc_folder_without_lists_says_how_to_read_it(tmp_path):
    write_voc(tmp_path)
    for path in (tmp_path / "ImageSets" / "Main").iterdir():
        path.unlink()
    with pytest.raises(DataError, match="found no splits at all; --split all"):
        read_dataset(BOXES, tmp_path, "val")
    assert_is_the_set(read_dataset(BOXES, tmp_path, "all"))


def test_no_layout_says_what_was_looked_for(tmp_path):
    with pytest.raises(DataError, match=r"VOC \(.*COCO \(.*YOLO \("):
        read_dataset(BOXES, tmp_path, "val")
    with pytest.raises(DataError, match="no such folder"):
        read_dataset(BOXES, tmp_path / "nowhere", "val")
    with pytest.raises(
        DataError, match=r"expected a folder, a COCO or LabelMe \.json or a YOLO \.yaml file, got \.csv"
    ):
        read_dataset(BOXES, write_text(tmp_path / "boxes.csv", ""), "val")
