"""Records as images with objects: names, numbers, and what is no record."""

import pytest

from dlcli.data.records.objects import image_of_record, images_of_records, names_below
from dlcli.errors import DataError

THING = {"label": "cat", "class_id": 7, "score": 0.5, "box": [1, 2, 3, 4.5]}


def record(source="a/b.jpg", **more):
    head = {"schema": "dlcli.detect/1", "source": source, "ok": True, "width": 9, "height": 8, "model": "m"}
    return head | {"detections": [THING]} | more


def test_a_failure_has_a_number_and_no_image():
    records = [record("x/a.jpg"), record("x/b.jpg", ok=False), record("x/y/c.jpg", detections=[])]
    found = list(images_of_records(records))
    assert [(p.name, p.image_id, len(p.target)) for p in found] == [("a.jpg", 1, 1), ("y/c.jpg", 3, 0)]
    assert (found[0].target[0].xyxy, found[0].target[0].score) == ((1, 2, 3, 4.5), 0.5)


def test_truths_have_no_score():
    assert image_of_record(record(model="truth"), "a", 1).target[0].score is None


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["p/a.jpg"], ["a.jpg"]),
        (["p/a.jpg", "p/q/b.jpg"], ["a.jpg", "q/b.jpg"]),
        (["p/a.jpg", "q/a.jpg"], ["p/a.jpg", "q/a.jpg"]),
        (["/x/p/a.jpg", "/x/q/a.jpg"], ["p/a.jpg", "q/a.jpg"]),
        (["./p/../a.jpg", "q/b.jpg"], ["a.jpg", "q/b.jpg"]),
        (["-"], ["-"]),
        ([], []),
    ],
)
def test_names_are_seen_from_the_folder_that_holds_all(paths, names):
    assert names_below(paths) == names


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"width": "wide"}, "width: expected a number of pixels"),
        ({"detections": None}, "expected a list of detections or classes"),
        ({"detections": [3]}, "expected a list of detections or classes"),
        ({"detections": [THING | {"class_id": -1}]}, "expected a label and a class_id"),
        ({"detections": [THING | {"class_id": True}]}, "expected a label and a class_id"),
        ({"detections": [THING | {"box": [1, 2, 3]}]}, "expected a box"),
        ({"detections": [THING | {"score": 7}]}, "score: expected a number of 0 to 1, got 7"),
        ({"detections": [THING | {"rle": {"size": [9, 8], "counts": "x"}}]}, "expected an rle of size [8, 9]"),
        ({"detections": [THING | {"rle": {"size": [8, 9], "counts": "0"}}]}, "rle: run lengths: expected 72 pixels"),
    ],
)
def test_what_is_no_record_is_named(more, message):
    with pytest.raises(DataError) as error:
        image_of_record(record(**more), "a", 1)
    assert str(error.value).startswith("the record of a/b.jpg: ")
    assert message in str(error.value)
