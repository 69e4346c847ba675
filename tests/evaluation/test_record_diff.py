"""What `dlcli diff` finds, a table for each kind of record; how it is told."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from dlcli.errors import DataError, UsageError
from dlcli.evaluation.diff.change import Change
from dlcli.evaluation.diff.class_lists import unlisted_bound
from dlcli.evaluation.diff.other_fields import is_close
from dlcli.evaluation.diff.regions import rle_iou
from dlcli.evaluation.diff.report import as_json, lines, notes, sentence
from dlcli.ops.masks import iou, rle_counts
from tests.evaluation.diff_records import (
    CAT,
    CUP,
    DOG,
    box,
    difference,
    failure,
    file,
    kinds,
    pictures,
    record,
    regions,
    scores,
)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([DOG, CAT, CUP], []),
        ([CUP, DOG, CAT], []),  # the order says nothing
        ([box("dog", 0.9, 11, 10, 61, 60), CAT, CUP], []),  # by 1 px, as far as it may
        ([box("dog", 0.9, 11.01, 10, 60, 60), CAT, CUP], [("box", "moved", "dog")]),
        ([box("dog", 0.901, 10, 10, 60, 60), CAT, CUP], []),  # by 0.001, as far as it may
        ([box("dog", 0.8989, 10, 10, 60, 60), CAT, CUP], [("box", "drifted", "dog")]),
        ([box("dog", 0.7, 12, 10, 62, 60), CAT, CUP], [("box", "moved", "dog"), ("box", "drifted", "dog")]),
        ([box("fox", 0.9, 10, 10, 60, 60), CAT, CUP], [("box", "relabelled", "")]),
        ([CAT, CUP], [("box", "lost", "dog")]),
        ([DOG, CAT, CUP, box("fox", 0.3, 1, 2, 3, 4)], [("box", "new", "fox")]),
        ([DOG, CAT, CUP, DOG], [("box", "new", "dog")]),  # one box is matched once
        ([box("dog", 0.9, 20, 10, 70, 60), CAT, CUP], [("box", "lost", "dog"), ("box", "new", "dog")]),  # IoU 0.67
        ([], [("box", "lost", "dog"), ("box", "lost", "cat"), ("box", "lost", "cup")]),
    ],
)
def test_what_changed_among_boxes(found, expected):
    assert kinds(pictures([DOG, CAT, CUP]), pictures(found)) == expected


def test_a_change_says_by_how_much():
    [(_, moved), (_, drifted)] = difference(
        pictures([DOG]), pictures([box("dog", 0.75, 12, 13, 62, 63)]), iou=0.5
    ).changes
    assert (moved.pixels, drifted.drift) == (3, -0.15)
    assert moved.iou == pytest.approx(48 * 47 / (2 * 2500 - 48 * 47))
    assert (moved.a, moved.b["box"]) == (DOG, [12, 13, 62, 63])


def test_a_box_that_moved_too_far_says_so():
    found = difference(pictures([DOG, CAT]), pictures([box("dog", 0.9, 20, 10, 70, 60), CUP]))
    assert [(change.kind, change.name, change.iou) for _, change in found.changes] == [
        ("lost", "dog", pytest.approx(40 / 60)),
        ("lost", "cat", None),
        ("new", "dog", pytest.approx(40 / 60)),
        ("new", "cup", None),
    ]
    assert lines(found)[0] == "0.jpg: lost: dog 0.90 at [10, 10, 60, 60], IoU 0.67 with one that is new"


def test_the_limits_are_the_users():
    moved, drifted = pictures([box("dog", 0.9, 13, 10, 63, 60)]), pictures([box("dog", 0.88, 10, 10, 60, 60)])
    assert kinds(pictures([DOG]), moved, iou=0.89) == [("box", "lost", "dog"), ("box", "new", "dog")]  # 47/53 = 0.887
    assert kinds(pictures([DOG]), moved, iou=0.88, pixels=2.9) == [("box", "moved", "dog")]
    assert kinds(pictures([DOG]), moved, iou=0.88, pixels=3) == []
    assert kinds(pictures([DOG]), drifted, tol=0.02) == []


def test_the_better_overlap_is_taken_first_whatever_the_scores():
    near, far = box("dog", 0.4, 10, 10, 61, 60), box("dog", 0.9, 10, 10, 63, 60)
    found = difference(pictures([DOG]), pictures([far, near]))
    assert [(change.kind, change.b) for _, change in found.changes] == [("drifted", near), ("new", far)]


def test_boxes_that_are_equal_go_by_the_closer_score():
    twins = [box("dog", 0.9, 10, 10, 60, 60), box("dog", 0.5, 10, 10, 60, 60)]
    assert kinds(pictures(twins), pictures(twins[::-1])) == []


def test_a_box_without_area_is_itself():
    assert kinds(pictures([box("dog", 0.9, 5, 5, 5, 9)]), pictures([box("dog", 0.9, 5, 5, 5, 9)])) == []


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (scores(cat=0.9, dog=0.05), scores(cat=0.9005, dog=0.0495), []),
        (scores(cat=0.9, dog=0.05), scores(cat=0.8, dog=0.05), [("class", "drifted", "cat")]),
        (
            scores(cat=0.5, dog=0.4995),
            scores(cat=0.4995, dog=0.5),
            [("class", "relabelled", "")],
        ),
        # the last of --top 2 changes places with the next one: no score need have changed
        (scores(cat=0.9, dog=0.0104), scores(cat=0.9, fox=0.0105), []),
        (scores(cat=0.9, dog=0.0204), scores(cat=0.9, fox=0.0105), [("class", "lost", "dog")]),
        # the sum leaves no room for a second dog of 0.35
        (scores(cat=0.6, dog=0.35), scores(cat=0.6, fox=0.35), [("class", "lost", "dog"), ("class", "new", "fox")]),
        # several classes a picture
        (scores(cat=0.9, dog=0.6), scores(cat=0.9, fox=0.6), [("class", "lost", "dog"), ("class", "new", "fox")]),
        # cut by --threshold
        (scores(cat=0.5, dog=0.3), scores(cat=0.5), [("class", "lost", "dog")]),
        (scores(cat=0.5), scores(cat=0.5, dog=0.0009), []),
        (scores(), scores(cat=0.5), [("class", "new", "cat")]),
        (scores(), scores(), []),
    ],
)
def test_what_changed_among_classes(a, b, expected):
    assert kinds(a, b) == expected


@given(st.lists(st.floats(0, 1), min_size=3, max_size=12), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_a_class_cut_off_by_top_never_had_more_than_the_bound(logits, top, seed):
    probabilities = np.exp(4 * np.array(logits)) / np.exp(4 * np.array(logits)).sum()
    order = np.argsort(-probabilities)
    listed = {str(i): {"score": float(probabilities[i])} for i in order[:top]}
    assert all(probabilities[i] <= unlisted_bound(listed, listed) + 1e-12 for i in order[top:])


def test_what_changed_among_regions():
    mask = np.zeros((10, 10), int)
    mask[:5], mask[5:8], mask[9] = 1, 2, 3
    other = mask.copy()
    other[4, :6] = 0  # IoU 44/50
    other[9] = 0
    found = difference([record("segment", classes=regions(mask))], [record("segment", classes=regions(other))])
    told = [(change.kind, change.name, change.iou, change.drift) for _, change in found.changes]
    assert told == [("reshaped", "x", 0.88, None), ("drifted", "x", None, -0.06), ("lost", "z", None, None)]
    assert found.drift.fields() == {"score": 0.06, "pixels": None, "iou": 0.88}
    assert "rle" not in json.dumps(as_json(found))


def test_masks_of_other_sizes_share_nothing():
    a, b = (regions(np.ones(shape, int)) for shape in ((4, 5), (5, 4)))
    assert kinds([record("segment", classes=a)], [record("segment", classes=b)]) == [("region", "reshaped", "x")]


@given(st.integers(0, 7), st.integers(1, 7), st.data())
def test_iou_of_run_lengths_is_that_of_pixels(height, width, data):
    bits = st.lists(st.booleans(), min_size=height * width, max_size=height * width)
    a, b = (np.reshape(data.draw(bits), (height, width)).astype(bool) for _ in range(2))
    assert rle_iou(rle_counts(a), rle_counts(b)) == pytest.approx(iou(a, b))


def test_iou_of_run_lengths_is_that_of_pycocotools():
    random = np.random.default_rng(1)
    for _ in range(20):
        a, b = (random.random((40, 30)) < random.uniform(0.1, 0.9) for _ in range(2))
        coded = [coco_mask.encode(np.asfortranarray(m.astype(np.uint8))) for m in (a, b)]
        expected = coco_mask.iou(coded[:1], coded[1:], [0])[0, 0]
        assert rle_iou(rle_counts(a), rle_counts(b)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"width": 101}, [("field", "changed", "width")]),
        (
            {"height": 81, "exif_orientation": 6},
            [("field", "changed", "height"), ("field", "changed", "exif_orientation")],
        ),
        ({"truncated": True}, [("field", "changed", "truncated")]),
        ({"timings": {"read_ms": 3.0}, "model": "other", "shard": {"index": 3, "of": 9, "run": "r"}}, []),
        ({"time_s": 1.5}, [("field", "changed", "time_s")]),
    ],
)
def test_other_fields(change, expected):
    assert kinds(pictures([DOG]), pictures([DOG], **change)) == expected


def test_style_and_preprocess_are_compared_by_their_fields():
    a = record("style-transfer", method="fast", styles=[{"style": "great-wave", "share": 1.0}], outputs=["a.jpg"])
    assert kinds([a], [a | {"styles": [{"style": "great-wave", "share": 0.9995}]}]) == []
    assert kinds([a], [a | {"styles": [{"style": "starry-night", "share": 1.0}]}]) == [("field", "changed", "styles")]
    assert kinds([a], [a | {"outputs": ["b.jpg"]}]) == [("field", "changed", "outputs")]


@pytest.mark.parametrize(
    ("a", "b", "close"),
    [
        (1, 1, True),
        (1, 2, False),  # whole numbers must be equal, whatever the tolerance
        (1.0, 1.1, False),
        (0.3, 0.301, True),
        (1, True, False),
        (None, 0, False),
        ([0.1, {"x": 1.0}], [0.1005, {"x": 1.001}], True),
        ([1.0], [1.0, 1.0], False),
        ({"x": 1}, {"y": 1}, False),
        ("a", "a", True),
    ],
)
def test_close_values(a, b, close):
    assert is_close(a, b, 0.001) == is_close(b, a, 0.001) == close


def test_pictures_in_one_file_only_and_failures():
    good, other = pictures([DOG]), [record("detect", "z.jpg", detections=[], truncated=False)]
    assert kinds(good + other, good) == [("picture", "lost", "")]
    assert kinds(good, good + other) == [("picture", "new", "")]
    assert kinds(good, [failure()]) == [("picture", "failed", "")]
    assert kinds([failure()], good) == [("picture", "recovered", "")]
    assert kinds([failure()], [failure(message="other words")]) == []
    assert kinds([failure()], [failure(kind="empty")]) == [("field", "changed", "error")]


def test_crops_frames_and_raw_names_are_pictures_of_their_own():
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


def test_a_picture_twice_in_a_file_is_refused():
    with pytest.raises(DataError, match=r"^f.jsonl: line 2: 0.jpg is in line 1 too"):
        file(pictures([DOG]) + pictures([]))


def test_records_of_different_commands_are_refused():
    with pytest.raises(UsageError, match=r"a.jsonl has detect and b.jsonl has classify"):
        difference(pictures([DOG]), scores(cat=0.9))


def test_another_model_and_other_class_ids_are_notes():
    other = box("dog", 0.9, 10, 10, 60, 60) | {"class_id": 3}
    found = difference(pictures([DOG]), pictures([other], model="n@sha256:1"))
    assert found.changes == []
    assert notes(found) == [
        "model: m@sha256:0 in a.jsonl, n@sha256:1 in b.jsonl",
        "class_id of dog: 100 in a.jsonl, 3 in b.jsonl",
    ]


def test_nothing_in_common_is_explained():
    found = difference(pictures([DOG]), [record("detect", "/else/0.jpg", detections=[], truncated=False)])
    assert sentence(found) == "no picture compared: 1 picture lost, 1 picture new"
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


def test_the_closing_sentence_counts_and_measures():
    a = pictures([DOG, CAT], [CUP], [CAT])
    b = pictures([box("dog", 0.9, 12, 10, 62, 60), CAT], [box("cup", 0.48, 70, 5, 90, 30), DOG], [])
    assert sentence(difference(a, b)) == (
        "3 pictures compared: 0 the same, 1 box moved (2.0 px, IoU 0.92), 1 box drifted (by -0.0200), 1 box lost, "
        "1 box new; largest drift 0.0200 of a score, 2.00 px of a box"
    )
    assert sentence(difference(a, a)) == "3 pictures compared: all the same; nothing drifted"
    assert sentence(difference(a, pictures([DOG, CAT], [CUP], [box("cat", 0.8004, 0, 0, 100, 80.5)]))) == (
        "3 pictures compared: all the same; largest drift 0.0004 of a score, 0.50 px of a box"
    )


def test_the_json_counts_every_kind_and_keeps_its_order():
    found = as_json(difference(pictures([DOG], [CAT]), pictures([], [CAT])))
    assert list(found) == [
        *("schema", "a", "b", "task", "changed", "limits", "pictures", "counts", "drift", "notes", "changes")
    ]
    assert found["counts"] == {
        "box": {"moved": 0, "drifted": 0, "relabelled": 0, "lost": 1, "new": 0},
        "field": {"changed": 0},
        "picture": {"failed": 0, "recovered": 0, "lost": 0, "new": 0},
    }
    assert found["changes"] == [
        {"source": "0.jpg", "kind": "lost", "thing": "box", "label": "dog", "a": DOG, "b": None}
    ]
    assert found["pictures"] == {"a": 2, "b": 2, "compared": 2, "same": 1}


def test_a_mirrored_change_is_itself_when_mirrored_again():
    change = Change("lost", "box", "dog", DOG, None, drift=0.1)
    assert change.mirrored() == Change("new", "box", "dog", None, DOG, drift=-0.1)
    assert change.mirrored().mirrored() == change
