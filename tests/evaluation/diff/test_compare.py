"""Which records `dlcli diff` compares with which, and what it refuses."""

import pytest

from dlcli.errors import DataError, UsageError
from dlcli.evaluation.diff.report import lines, notes, sentence
from tests.evaluation.diff.records import (
    DOG,
    box,
    difference,
    failure,
    file,
    images,
    kinds,
    record,
    scores,
)


def test_images_in_one_file_only_and_failures():
    good, other = images([DOG]), [record("detect", "z.jpg", detections=[], truncated=False)]
    assert kinds(good + other, good) == [("image", "lost", "")]
    assert kinds(good, good + other) == [("image", "new", "")]
    assert kinds(good, [failure()]) == [("image", "failed", "")]
    assert kinds([failure()], good) == [("image", "recovered", "")]
    assert kinds([failure()], [failure(message="other words")]) == []
    assert kinds([failure()], [failure(kind="empty")]) == [("field", "changed", "error")]


def test_crops_frames_and_raw_names_are_images_of_their_own():
    def crop(index, **more):
        return {"index": index, "label": "dog", "score": 0.9, "box": [1.0, 2.0, 30.0, 40.0], **more}

    plain = record("detect", detections=[], truncated=False)
    a = [plain | more for more in ({"crop": crop(0)}, {"crop": crop(1)}, {"frame": 0}, {"frame": 1})]
    a += [plain, plain | {"source_bytes": "YQ=="}]
    assert kinds(a, a[::-1]) == []
    assert len(difference(a, a[:-1]).changes) == 1
    near, far = (
        plain | {"crop": crop(0, box=[2.0, 2.0, 30.0, 40.0])},
        plain | {"crop": crop(0, box=[3.0, 2.0, 30.0, 40.0])},
    )
    assert kinds(a[:1], [near]) == []
    assert kinds(a[:1], [far]) == [("field", "changed", "crop")]
    told = lines(difference(a[1:3], []))
    assert told == ["a.jpg, frame 0: lost: only in a.jsonl", "a.jpg#1: lost: only in a.jsonl"]


def test_an_image_twice_in_a_file_is_refused():
    with pytest.raises(DataError, match=r"^f.jsonl: line 2: 0.jpg is in line 1 too"):
        file(images([DOG]) + images([]))


def test_records_of_different_commands_are_refused():
    with pytest.raises(UsageError, match=r"a.jsonl has detect and b.jsonl has classify"):
        difference(images([DOG]), scores(cat=0.9))


def test_another_model_and_other_class_ids_are_notes():
    other = box("dog", 0.9, 10, 10, 60, 60) | {"class_id": 3}
    found = difference(images([DOG]), images([other], model="n@sha256:1"))
    assert found.changes == []
    assert notes(found) == [
        "model: m@sha256:0 in a.jsonl, n@sha256:1 in b.jsonl",
        "class_id of dog: 100 in a.jsonl, 3 in b.jsonl",
    ]


def test_nothing_in_common_is_explained():
    found = difference(images([DOG]), [record("detect", "/else/0.jpg", detections=[], truncated=False)])
    assert sentence(found) == "no image compared: 1 image lost, 1 image new"
    assert "paired by source" in notes(found)[0]


@pytest.mark.parametrize(
    ("task", "fields"),
    [
        ("detect", {}),
        ("detect", {"detections": {}}),
        ("detect", {"detections": [1]}),
        ("detect", {"detections": [DOG | {"box": [1, 2, 3]}]}),
        ("detect", {"detections": [DOG | {"box": ["1", "2", "3", "4"]}]}),
        ("detect", {"detections": [DOG | {"box": [1, 2, 3, float("nan")]}]}),
        ("detect", {"detections": [DOG | {"box": [1, 2, 3, 10**400]}]}),
        ("detect", {"detections": [DOG | {"score": None}]}),
        ("detect", {"detections": [DOG | {"label": 3}]}),
        ("classify", {"classes": None}),
        ("classify", {"classes": [{"label": "a", "score": "0.5"}]}),
        ("segment", {"classes": [{"label": "a", "share": 0.5}]}),
        ("segment", {"classes": [{"label": "a", "share": 0.5, "rle": {"size": [4], "counts": ""}}]}),
        ("segment", {"classes": [{"label": "w", "share": 0.5, "rle": {"size": [4, 5], "counts": "?"}}]}),
        ("segment", {"classes": [{"label": "w", "share": 0.5, "rle": {"size": [4, 5], "counts": "\x01"}}]}),
        ("detect", {"detections": [], "crop": {}}),
        ("detect", {"detections": [], "frame": "1"}),
    ],
)
def test_what_is_no_record_is_named_with_its_line(task, fields):
    other = {"detections": [], "classes": [{"label": "w", "share": 1.0, "rle": {"size": [4, 5], "counts": "0d0"}}]}
    if task == "classify":
        other = {"classes": []}
    with pytest.raises(DataError, match=r"^a.jsonl: line 1: "):
        difference([record(task, **fields)], [record(task, **other)])
