"""VOC files beside their images, and which image an annotation is of."""

import pytest

from dlcli.data.check import drop_bad_files
from dlcli.data.formats import dataset_splits, read_dataset
from dlcli.data.kinds import BOXES, CLASSES
from dlcli.errors import DataError
from tests.data.sets import voc_object, voc_xml, write_image, write_text


def xml(name, filename):
    body = voc_xml(40, 30, [voc_object(name, 1, 2, 11, 12)])
    return body.replace("<annotation>", f"<annotation><filename>{filename}</filename>")


def test_an_export_with_a_folder_a_split(tmp_path):
    for split, name in (("train", "cat"), ("valid", "dog")):
        write_image(tmp_path / split / f"{name}_jpg.rf.1.jpg", 40, 30)
        write_text(tmp_path / split / f"{name}_jpg.rf.1.xml", xml(name, f"{name}_jpg.rf.1.jpg"))
    assert dataset_splits(BOXES, tmp_path) == ["train", "valid"]
    data = read_dataset(BOXES, tmp_path, "val")
    assert (data.format, data.labels) == ("voc", ("cat", "dog"))
    assert data.items[0].target.xyxy.tolist() == [[1, 2, 11, 12]]
    assert data.items[0].target.class_ids.tolist() == [1]
    assert len(read_dataset(BOXES, tmp_path, "all").items) == 2


def test_files_beside_the_images(tmp_path):
    write_image(tmp_path / "a.jpg", 40, 30)
    write_image(tmp_path / "b.jpg", 40, 30)
    write_text(tmp_path / "a.xml", xml("cat", "a.jpg"))
    data = read_dataset(BOXES, tmp_path, None)
    assert [item.path.name for item in data.items] == ["a.jpg"]
    assert data.notes == (f"{tmp_path}: 1 image without an XML file, left out: b.jpg",)


@pytest.mark.parametrize(("files", "images"), [("labels", "data"), ("annotations", "images"), ("xmls", "imgs")])
def test_folders_as_others_name_them(tmp_path, files, images):
    """The first is FiftyOne's."""
    write_image(tmp_path / images / "a.jpg", 40, 30)
    write_text(tmp_path / files / "a.xml", xml("cat", "a.jpg"))
    assert read_dataset(BOXES, tmp_path, None).items[0].target.xyxy.tolist() == [[1, 2, 11, 12]]


def test_annotations_in_a_folder_of_their_own_are_no_class(tmp_path):
    write_image(tmp_path / "photos" / "a.jpg", 40, 30)
    write_text(tmp_path / "boxes" / "a.xml", xml("cat", "a.jpg"))
    with pytest.raises(DataError, match=r"boxes/a\.xml is an annotation of a\.jpg, so its folders are no classes"):
        read_dataset(CLASSES, tmp_path, None)


def voc(folder, files, images):
    for image in images:
        write_image(folder / "JPEGImages" / image, 40, 30)
    for file, filename in files.items():
        write_text(folder / "Annotations" / file, xml("cat", filename))
    return read_dataset(BOXES, folder, None)


@pytest.mark.parametrize("stated", ["a.jpg", "a", "C:\\x\\a.jpg", "../x/a.jpg"])
def test_the_image_is_the_one_that_filename_names(tmp_path, stated):
    data = voc(tmp_path, {"000001.xml": stated}, ["a.jpg"])
    assert [item.path.name for item in data.items] == ["a.jpg"]


def test_a_filename_of_no_image_there_is_said(tmp_path):
    data = voc(tmp_path, {"a.xml": "before.jpg"}, ["a.jpg"])
    assert [item.path.name for item in data.items] == ["a.jpg"]
    assert "1 XML file whose <filename> is of no image there" in data.notes[0]


def test_names_that_contradict_each_other_teach_nothing(tmp_path):
    data = voc(tmp_path, {"a.xml": "b.jpg", "b.xml": "a.jpg", "c.xml": "c.jpg"}, ["a.jpg", "b.jpg", "c.jpg"])
    assert len(data.problems) == 2
    assert "by its own name and of b.jpg by its <filename>" in data.problems[0].message
    assert [i.path.name for i in drop_bad_files(data, data.problems, lambda _: None).items] == ["c.jpg"]


def test_two_annotations_of_one_image_are_a_problem(tmp_path):
    data = voc(tmp_path, {"1.xml": "a.jpg", "2.xml": "a.jpg", "b.xml": "b.jpg"}, ["a.jpg", "b.jpg"])
    assert "is not the only one of a.jpg: 1.xml, 2.xml" in data.problems[0].message
    assert [item.path.name for item in data.items] == ["b.jpg"]


def test_an_image_of_the_same_name_in_another_format_is_said(tmp_path):
    data = voc(tmp_path, {"a.xml": "a.png"}, ["a.jpg", "a.png"])
    assert [item.path.name for item in data.items] == ["a.png"]
    assert "1 image without an XML file, left out: a.jpg" in data.notes[0]
    data = voc(tmp_path, {"a.xml": ""}, ["a.jpg", "a.png"])
    assert [item.path.name for item in data.items] == ["a.jpg"]
    assert "1 image of the name of another in another format, left out: a.png" in data.notes[0]


def test_annotations_elsewhere_are_counted(tmp_path):
    write_text(tmp_path / "Annotations" / "deep" / "b.xml", xml("dog", "b.jpg"))
    write_text(tmp_path / "labels" / "c.xml", xml("owl", "c.jpg"))
    data = voc(tmp_path, {"a.xml": "a.jpg"}, ["a.jpg"])
    where = "2 XML files elsewhere than in Annotations, left out: Annotations/deep/b.xml, labels/c.xml"
    assert data.notes == (f"{tmp_path}: {where}",)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("<annotation>", '<annotation xmlns="http://example.org">'),
        lambda text: text.replace("object>", "Object>"),
        lambda text: text.replace("<object>", "<objects><object>").replace("</object>", "</object></objects>"),
        lambda text: text.replace("annotation>", "annotations>").replace("object>", "image>"),
    ],
)
def test_objects_that_nobody_finds_are_no_background(tmp_path, change):
    data = voc(tmp_path, {"a.xml": "a.jpg"}, ["a.jpg", "b.jpg"])
    write_text(tmp_path / "Annotations" / "b.xml", change(xml("dog", "b.jpg")))
    data = read_dataset(BOXES, tmp_path, None)
    assert [item.path.name for item in data.items] == ["a.jpg"]
    assert [problem.path.name for problem in data.problems] == ["b.xml"]
