"""COCO's file read back: by our reader, and by pycocotools."""

import contextlib
import io
import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pycocotools.coco import COCO

from dlcli.data.annotated import AnnotatedObject, annotated_item, number, xywh
from dlcli.data.coco.boxes import read_coco
from dlcli.data.coco.categories import usual_category_ids
from dlcli.data.coco.writer import coco_json
from dlcli.ops.masks import rle_counts
from tests.data.annotations import ODD_LABELS, images, labels, tuples

MASK = np.zeros((30, 40), bool)
MASK[3:9, 5:20] = True
MASK[5:7, 8:10] = False
POLYGON = np.array([[2, 2], [12, 2], [12, 8], [2, 8]])


def loaded(path):
    with contextlib.redirect_stdout(io.StringIO()):
        return COCO(str(path))


@given(st.data())
def test_our_reader_gives_what_was_written(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "coco.json"
    names = data.draw(labels)
    image = data.draw(images(len(names), name="sub/ä 'b' <&>.png", scored=data.draw(st.booleans())))
    ids = {class_id: 3 * class_id + 7 for class_id in range(len(names))}
    path.write_text(coco_json([image], names, ids), encoding="utf-8")
    dataset = read_coco(path)
    (found,) = dataset.items
    assert dataset.problems == ()
    assert (dataset.labels, tuple(dataset.category_ids.values())) == (names, tuple(ids.values()))
    assert (found.name, found.image_id) == (image.name, image.image_id)
    for (box, *rest), thing in zip(tuples(found), image.target, strict=True):
        np.testing.assert_allclose(box, thing.xyxy, atol=1e-3)
        assert rest == [thing.class_id, thing.difficult]


def test_pycocotools_reads_boxes_outlines_and_run_lengths(tmp_path):
    things = (
        AnnotatedObject(1, (1.25, 2, 30, 20.5), 0.91234),
        AnnotatedObject(0, (5, 3, 20, 9), counts=rle_counts(MASK), crowd=True),
        AnnotatedObject(2, (2, 2, 12, 8), polygons=(POLYGON,)),
    )
    (tmp_path / "c.json").write_text(
        coco_json([annotated_item("x.png", 77, 40, 30, things)], ODD_LABELS, usual_category_ids(ODD_LABELS))
    )
    coco = loaded(tmp_path / "c.json")
    assert [coco.cats[i]["name"] for i in coco.getCatIds()] == list(ODD_LABELS)
    box, crowd, polygon = coco.loadAnns(coco.getAnnIds(imgIds=[77]))
    assert (box["bbox"], box["score"], box["area"]) == ([1.25, 2, 28.75, 18.5], 0.9123, 28.75 * 18.5)
    np.testing.assert_array_equal(coco.annToMask(crowd), MASK)
    assert (crowd["iscrowd"], crowd["area"]) == (1, MASK.sum())
    assert coco.annToMask(polygon).sum() == 60 == polygon["area"]
    assert coco.getAnnIds(iscrowd=True) == [2]


def test_an_empty_run_is_a_valid_file(tmp_path):
    (tmp_path / "c.json").write_text(coco_json([], ["a"], {0: 1}))
    assert loaded(tmp_path / "c.json").getImgIds() == []
    assert json.loads((tmp_path / "c.json").read_text())["categories"] == [{"id": 1, "name": "a"}]


def test_numbers_are_as_short_as_they_are_in_float32():
    assert xywh(np.array([473.07, 395.93, 511.72, 424.6], np.float32)) == [473.07, 395.93, 38.65, 28.67]
    assert str(number(12.0)) == "12"
