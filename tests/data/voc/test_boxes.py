"""VOC folders read back; what is wrong in one file becomes a problem of that file."""

import numpy as np
import pytest

from dlcli.data.voc.boxes import parse_xml, read_voc, voc_splits
from dlcli.errors import DataError
from tests.data.sets import IMAGES, assert_is_the_set, voc_object, voc_xml, write_text, write_voc


def test_the_boxes_come_back(tmp_path):
    dataset = read_voc(write_voc(tmp_path), "train")
    assert_is_the_set(dataset)
    assert dataset.format == "voc"
    assert [image.image_id for image in dataset.items] == list(IMAGES)


def test_labels_are_those_of_all_splits(tmp_path):
    dataset = read_voc(write_voc(tmp_path), "val")
    assert dataset.labels == ("cat", "dog", "owl")
    assert [image.image_id for image in dataset.items] == ["b"]
    assert dataset.items[0].target.class_ids.tolist() == [2]


def test_no_split_is_every_annotation(tmp_path):
    assert_is_the_set(read_voc(write_voc(tmp_path)))


def test_a_name_listed_twice_is_read_once(tmp_path):
    assert_is_the_set(read_voc(write_voc(tmp_path, {"train": "abcba"}), "train"))


def test_given_labels_set_the_numbers(tmp_path):
    dataset = read_voc(write_voc(tmp_path), "train", ("owl", "dog", "cat"))
    assert_is_the_set(dataset, ("owl", "dog", "cat"))


def test_an_unknown_class_leaves_its_image_out(tmp_path):
    dataset = read_voc(write_voc(tmp_path), "train", ("cat", "dog"))
    assert [image.image_id for image in dataset.items] == ["a", "c"]
    assert [str(problem) for problem in dataset.problems] == [
        f"{tmp_path / 'Annotations' / 'b.xml'}: object 1: unknown class 'owl'; known: cat, dog"
    ]


def one_file(folder, text):
    write_voc(folder, {"train": "a"})
    write_text(folder / "Annotations" / "a.xml", text)
    return read_voc(folder, "train")


def test_difficult_is_ignored(tmp_path):
    boxes = [voc_object("dog", 0, 0, 9, 9, difficult=1), voc_object("cat", 0, 0, 9, 9)]
    image = one_file(tmp_path, voc_xml(40, 30, boxes)).items[0]
    assert image.target.ignore.tolist() == [True, False]
    assert not image.target.crowd.any()


def test_a_box_that_overshoots_by_rounding_is_clipped_and_one_further_out_is_kept(tmp_path):
    boxes = [voc_object("dog", -1, 0, 41, 30), voc_object("dog", 0, 0, 45.5, 31)]
    image = one_file(tmp_path, voc_xml(40, 30, boxes)).items[0]
    np.testing.assert_array_equal(image.target.xyxy, np.float32([[0, 0, 40, 30], [0, 0, 45.5, 30]]))


def test_parts_of_an_object_are_no_objects(tmp_path):
    part = "<part><name>head</name><bndbox><xmin>1</xmin></bndbox></part>"
    whole = voc_object("dog", 1, 2, 3, 4).replace("</object>", f"{part}</object>")
    dataset = one_file(tmp_path, voc_xml(40, 30, [whole]))
    assert "head" not in dataset.labels
    assert dataset.items[0].target.xyxy.tolist() == [[1, 2, 3, 4]]


def test_a_missing_size_is_asked_of_the_image(tmp_path):
    image = one_file(tmp_path, "<annotation/>").items[0]
    assert (image.width, image.height) == (40, 30)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not valid XML"),
        ("<annotation>", "not valid XML"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "DOCTYPE"),
        ("<?xml version='1.0' encoding='klingon'?><a/>", "not valid XML"),
        (voc_xml(40, 30, ["<object><name>dog</name></object>"]), "bndbox/xmin: expected a number of pixels, got None"),
        (voc_xml(40, 30, [voc_object("dog", 0, 0, 9, 9).replace("<xmax>9<", "<xmax>nine<")]), "got 'nine'"),
        (voc_xml(40, 30, [voc_object("dog", 0, 0, 9, 9).replace("<xmax>9<", "<xmax>nan<")]), "got 'nan'"),
        (voc_xml(40, 30, [voc_object("dog", 0, 0, 9, 9).replace("<xmax>9<", "<xmax>1e30<")]), "got '1e30'"),
        (voc_xml("wide", 30, []), "size/width: expected a number of pixels, got 'wide'"),
        (voc_xml(40, 30, [voc_object("dog", 0, 0, 9, 9, difficult="maybe")]), "object 1: difficult"),
    ],
)
def test_a_faulty_file_is_a_problem_that_names_it(tmp_path, text, message):
    dataset = one_file(tmp_path, text)
    assert dataset.items == ()
    assert [problem.path for problem in dataset.problems] == [tmp_path / "Annotations" / "a.xml"]
    assert message in dataset.problems[0].message


def test_a_listed_name_without_an_annotation_is_a_problem(tmp_path):
    write_voc(tmp_path, {"train": ["a", "nowhere", "../a"]})
    dataset = read_voc(tmp_path, "train")
    assert [problem.path.name for problem in dataset.problems] == ["nowhere.xml", "a.xml"]
    assert "no such file" in dataset.problems[0].message
    assert "below Annotations" in dataset.problems[1].message


def test_a_missing_split_names_those_that_exist(tmp_path):
    write_voc(tmp_path, {"train": "a", "trainval": "ab", "cat_train": "a"})
    with pytest.raises(DataError, match=r"no split 'val'.*val\.txt.*found train, trainval, cat_train"):
        read_voc(tmp_path, "val")
    assert voc_splits(tmp_path) == ["train", "trainval", "cat_train"]


def test_an_empty_split_is_refused(tmp_path):
    write_voc(tmp_path, {"train": "a", "test": ""})
    with pytest.raises(DataError, match=r"test\.txt: expected one image name a line, found none"):
        read_voc(tmp_path, "test")


def test_a_doctype_is_refused_in_utf_16_too():
    with pytest.raises(DataError, match="DOCTYPE"):
        parse_xml("<?xml version='1.0' encoding='utf-16'?><!DOCTYPE a><a/>".encode("utf-16"))
