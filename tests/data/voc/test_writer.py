"""VOC's XML read back: by our reader whatever the names, and by supervision."""

import numpy as np
import pytest
import supervision
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dlcli.data.annotated import AnnotatedObject, annotated_item
from dlcli.data.voc.boxes import _image, parse_xml, read_voc
from dlcli.data.voc.writer import is_xml_text, voc_xml, whole_pixels
from dlcli.errors import DataError
from tests.data.annotations import ODD_LABELS, images, labels, tuples


@given(st.data())
def test_our_reader_gives_whole_pixels_back(tmp_path_factory, data):
    names = data.draw(labels)
    image = data.draw(images(len(names), whole=True, scored=True))
    root = parse_xml(voc_xml(image, names))
    place = tmp_path_factory.getbasetemp()
    found = _image("a", place / "a.png", place / "a.xml", root, {name: i for i, name in enumerate(names)})
    assert (found.width, found.height) == (image.width, image.height)
    assert tuples(found) == [(thing.xyxy, thing.class_id, thing.difficult) for thing in image.target]
    scores = [] if found.target.scores is None else found.target.scores
    np.testing.assert_allclose(scores, [thing.score for thing in image.target], atol=1e-6)


@pytest.mark.parametrize(
    ("box", "whole"),
    [
        ((0, 0, 1, 1), (0, 0, 1, 1)),
        ((3.4, 3.5, 9.49, 9.5), (3, 4, 9, 10)),
        ((3.6, 0, 4.2, 1), (4, 0, 5, 1)),  # never empty
    ],
)
def test_boxes_go_to_the_nearest_edges_of_pixels(box, whole):
    assert whole_pixels(box) == whole


@pytest.mark.parametrize("name", ["bell\x07", "half \ud800", "end \uffff", "a\rb"])
def test_a_name_that_xml_cannot_hold_is_refused(name):
    assert not is_xml_text(name)
    with pytest.raises(DataError, match="rename the class"):
        voc_xml(annotated_item("a.png", 1, 9, 9, (AnnotatedObject(0, (0, 0, 1, 1)),)), [name])


def test_supervision_and_our_reader_agree(tmp_path):
    for folder in ("JPEGImages", "Annotations"):
        (tmp_path / folder).mkdir()
    things = tuple(AnnotatedObject(i, (i, 2, 20 + i, 30), difficult=i == 1) for i in range(len(ODD_LABELS)))
    Image.new("RGB", (40, 30)).save(tmp_path / "JPEGImages/a b.png")
    xml = voc_xml(annotated_item("deep/a b.png", 1, 40, 30, things), ODD_LABELS)
    (tmp_path / "Annotations/a b.xml").write_bytes(xml)
    read = supervision.DetectionDataset.from_pascal_voc(str(tmp_path / "JPEGImages"), str(tmp_path / "Annotations"))
    (found,) = read.annotations.values()
    np.testing.assert_array_equal(found.xyxy, [thing.xyxy for thing in things])
    assert [read.classes[i] for i in found.class_id] == list(ODD_LABELS)
    ours = read_voc(tmp_path)
    assert ours.labels == tuple(sorted(ODD_LABELS))
    np.testing.assert_array_equal(ours.items[0].target.xyxy, found.xyxy)
    assert ours.items[0].target.ignore.tolist() == [i == 1 for i in range(len(ODD_LABELS))]


def test_a_split_lists_names_with_spaces(tmp_path):
    for stem in ("a b", "a", "a 1"):
        image = annotated_item(f"{stem}.png", 1, 9, 9, (AnnotatedObject(0, (0, 0, 1, 1)),))
        for folder, data in (("JPEGImages", None), ("Annotations", voc_xml(image, ["x"]))):
            (tmp_path / folder).mkdir(exist_ok=True)
            if data is None:
                Image.new("RGB", (9, 9)).save(tmp_path / folder / f"{stem}.png")
            else:
                (tmp_path / folder / f"{stem}.xml").write_bytes(data)
    lists = tmp_path / "ImageSets/Main"
    lists.mkdir(parents=True)
    (lists / "val.txt").write_text("a b\na 1\n")
    (lists / "x_val.txt").write_text("a b  1\na -1\n")
    assert [image.image_id for image in read_voc(tmp_path, "val").items] == ["a b", "a 1"]
    assert [image.image_id for image in read_voc(tmp_path, "x_val").items] == ["a b", "a"]
