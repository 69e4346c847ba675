"""YOLO's files read back: by our reader whatever the names, and by supervision."""

import numpy as np
import pytest
import supervision
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dlcli.data.annotated import AnnotatedObject, annotated_item
from dlcli.data.yolo.boxes import boxes_of_rows
from dlcli.data.yolo.data_yaml import read_keys
from dlcli.data.yolo.files import yolo_names
from dlcli.data.yolo.rows import Meaning, read_rows
from dlcli.data.yolo.writer import yolo_boxes, yolo_classes, yolo_data, yolo_outlines
from dlcli.errors import DataError
from tests.data.annotations import ODD_LABELS, images, labels


def test_a_line_by_hand():
    box = AnnotatedObject(3, (10, 0, 30, 20))
    image = annotated_item("a.jpg", 1, 40, 80, (box, AnnotatedObject(0, (0, 0, 40, 80), 0.90265)))
    assert yolo_boxes(image) == "3 0.5 0.125 0.5 0.25\n0 0.5 0.5 1 1 0.9026\n"
    assert yolo_boxes(annotated_item("b.jpg", 2, 40, 80)) == ""


def test_an_outline_by_hand():
    image = annotated_item("a.jpg", 1, 40, 80, (AnnotatedObject(2, (0, 0, 40, 40)),))
    assert yolo_outlines(image, [np.array([[0, 0], [40, 0], [40, 40.0]])]) == "2 0 0 1 0 1 0.5\n"


@given(st.data())
def test_our_reader_gives_the_boxes_back(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "label.txt"
    image = data.draw(images(3, scored=True))
    path.write_text(yolo_boxes(image))
    names = ("a", "b", "c")
    found = boxes_of_rows(read_rows([path])[path], names, {name: i for i, name in enumerate(names)}, Meaning())
    size = np.array([image.width, image.height] * 2)
    for wanted, truth in zip(image.target, found, strict=True):
        np.testing.assert_allclose(np.array(truth.xyxy) * size, wanted.xyxy, atol=1e-4)
        assert (truth.class_id, truth.score) == (wanted.class_id, wanted.score)


@given(labels)
def test_names_of_data_yaml_come_back(tmp_path_factory, names):
    path = tmp_path_factory.getbasetemp() / "data.yaml"
    path.write_text(yolo_data(names, {"train": "images/train", "val": "images/val"}), encoding="utf-8")
    assert yolo_names(path) == names
    assert read_keys(path, ("val",)) == {"val": "images/val"}


@given(labels)
def test_another_yaml_reader_takes_the_names(names):
    import yaml

    assert yaml.safe_load(yolo_data(names, {}))["names"] == dict(enumerate(names))


def test_odd_names(tmp_path):
    (tmp_path / "data.yaml").write_text(yolo_data(ODD_LABELS, {"train": "images/train"}), encoding="utf-8")
    assert yolo_names(tmp_path) == ODD_LABELS
    (tmp_path / "data.yaml").unlink()
    (tmp_path / "classes.txt").write_text(yolo_classes(ODD_LABELS), encoding="utf-8")
    assert yolo_names(tmp_path) == ODD_LABELS


@pytest.mark.parametrize("name", ["two\nlines", "", " edge", "a\u2028b"])
def test_classes_txt_refuses_what_a_line_cannot_hold(name):
    with pytest.raises(DataError, match="expected names of one line"):
        yolo_classes(["cat", name])


def test_supervision_reads_the_files(tmp_path):
    for folder in ("images", "labels"):
        (tmp_path / folder).mkdir()
    image = annotated_item("a.png", 1, 40, 30, (AnnotatedObject(1, (2, 3, 21, 30)), AnnotatedObject(0, (0, 0, 9, 9))))
    Image.new("RGB", (40, 30)).save(tmp_path / "images/a.png")
    (tmp_path / "labels/a.txt").write_text(yolo_boxes(image))
    (tmp_path / "data.yaml").write_text(yolo_data(ODD_LABELS, {"train": "images"}), encoding="utf-8")
    places = tmp_path / "images", tmp_path / "labels", tmp_path / "data.yaml"
    read = supervision.DetectionDataset.from_yolo(*map(str, places))
    assert read.classes == list(ODD_LABELS)
    (found,) = read.annotations.values()
    np.testing.assert_allclose(found.xyxy, [[2, 3, 21, 30], [0, 0, 9, 9]], atol=1e-4)
    assert found.class_id.tolist() == [1, 0]
