"""Whatever two files of records hold: both directions alike, nothing against itself, never a traceback."""

import json
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.errors import DataError
from dlcli.evaluation.diff.report import lines, sentence
from tests.evaluation.diff.records import box, difference, failure, record, regions


def boxes_strategy():
    """Few places, labels and scores, so that ties and conflicts are many; no two alike need be there."""
    side = st.integers(0, 4)
    made = st.builds(
        lambda label, score, x, y, w, h: box(label, score, x, y, x + w, y + h),
        *(st.sampled_from("abc"), st.sampled_from([0.2, 0.5, 0.5004, 0.9]), side, side, side, side),
    )
    return st.lists(made, max_size=6)


def class_strategy():
    made = st.builds(
        lambda label, score: {"label": label, "class_id": 1, "score": score},
        *(st.sampled_from("abcdef"), st.sampled_from([0.0, 0.0004, 0.1, 0.2, 0.6])),
    )
    return st.lists(made, max_size=5, unique_by=lambda item: item["label"]).map(
        lambda items: sorted(items, key=lambda item: -item["score"])
    )


def region_strategy():
    """Masks of 4 x 5 pixels of classes 0 to 3."""
    return st.lists(st.integers(0, 3), min_size=20, max_size=20).map(lambda v: regions(np.reshape(v, (4, 5))))


def detect_strategy(source):
    found = st.builds(
        lambda found, truncated, width: record("detect", source, detections=found, truncated=truncated, width=width),
        *(boxes_strategy(), st.booleans(), st.sampled_from([100, 640])),
    )
    return found | st.builds(failure, st.just(source), st.sampled_from(["truncated", "empty"]))


def record_strategy(task, source):
    """A record of the task; of detect a failure now and then."""
    if task == "detect":
        return detect_strategy(source)
    if task == "preprocess":
        names = st.lists(st.sampled_from(["x.png", "y.png"]), max_size=2)
        return names.map(lambda outputs: record(task, source, bits=8, outputs=outputs))
    classes = class_strategy() if task == "classify" else region_strategy()
    return classes.map(lambda found: record(task, source, classes=found))


def runs_strategy(task):
    """Records of up to three images in any order."""
    names = st.lists(st.sampled_from(["a.jpg", "b.jpg", "c.jpg"]), unique=True, max_size=3)
    return names.flatmap(lambda chosen: st.tuples(*(record_strategy(task, name) for name in chosen))).map(list)


@pytest.mark.parametrize("task", ["detect", "classify", "segment", "preprocess"])
@given(data=st.data())
def test_there_and_back_are_mirrored(task, data):
    a, b = data.draw(runs_strategy(task)), data.draw(runs_strategy(task))
    limit = data.draw(st.sampled_from([0.1, 0.5, 0.9]))
    there, back = difference(a, b, iou=limit), difference(b, a, iou=limit)

    def told(changes):
        return sorted(json.dumps([key, change.fields()]) for key, change in changes)

    assert told(there.changes) == told((key, change.mirrored()) for key, change in back.changes)
    assert there.drift == back.drift
    assert there.images["same"] == back.images["same"]


@pytest.mark.parametrize("task", ["detect", "classify", "segment", "preprocess"])
@given(data=st.data())
def test_a_file_against_itself_is_empty_in_any_order(task, data):
    a = data.draw(runs_strategy(task))
    b = deepcopy(data.draw(st.permutations(a)))
    for one in b:
        if "detections" in one:
            one["detections"] = data.draw(st.permutations(one["detections"]))
    found = difference(a, b)
    assert found.changes == []
    assert found.images == {"a": len(a), "b": len(a), "compared": len(a), "same": len(a)}
    assert not found.drift.score
    assert not found.drift.pixels


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["label", "score", "box", "share", "rle", "size", "counts", "index"]), inner)
    ),
    max_leaves=12,
)


@given(st.sampled_from(["detect", "classify", "segment", "other"]), st.data())
def test_whatever_the_fields_hold_ends_in_an_answer_or_a_sentence(task, data):
    names = ("detections", "classes", "crop", "frame", "error", "width", "source_bytes")
    fields = st.dictionaries(st.sampled_from(names), JSON | st.lists(JSON, max_size=2), max_size=4)
    a, b = (record(task, detections=[], classes=[]) | data.draw(fields) for _ in range(2))
    try:
        found = difference([a], [b])
    except DataError:
        return
    assert len(lines(found)) == len(found.changes)
    assert sentence(found)
