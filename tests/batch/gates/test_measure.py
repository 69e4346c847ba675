"""Quantities of records against slow loops, and what tasks offer."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcli.batch.gates.expression import Term
from dlcli.batch.gates.measure import countable_of, covered_share, measure
from dlcli.errors import DataError, UsageError
from dlcli.tasks.answers import Answers
from tests.batch.gates.oracle import count, detection, record_of, score, share

BOXES = {"detections": {"items": {"properties": {"label": {}, "score": {}, "box": {}}}}}
SCORES = {"classes": {"items": {"properties": {"label": {}, "score": {}}}}}


@pytest.mark.parametrize(
    ("task", "quantities"),
    [
        ("detect", ("count", "score", "share")),
        ("classify", ("score",)),
        ("segment", ("count", "share")),
        ("preprocess", ("count",)),
        ("style-transfer", ()),
    ],
)
def test_what_tasks_offer(task, quantities):
    assert countable_of(task).quantities == quantities


def test_kinds_of_findings_are_known_without_a_model():
    assert {"cmyk", "near-duplicate", "16-bit"} <= set(countable_of("preprocess").kinds)
    assert countable_of("detect").kinds == ()


def test_an_unknown_task_is_refused():
    with pytest.raises(UsageError, match="expected one of"):
        countable_of("paint")


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        ([], 0.0),
        ([[0, 0, 10, 10]], 1.0),
        ([[0, 0, 5, 10]], 0.5),
        ([[0, 0, 5, 10], [5, 0, 10, 10]], 1.0),  # side by side
        ([[0, 0, 5, 10], [0, 0, 5, 10]], 0.5),  # twice the same
        ([[0, 0, 6, 6], [4, 4, 10, 10]], 0.68),  # 36 + 36 - 4
        ([[0, 0, 10, 10], [2, 2, 3, 3]], 1.0),  # one in the other
        ([[1, 1, 1, 9]], 0.0),  # no width
        ([[8, 8, 2, 2]], 0.0),  # ends before it begins
        ([[-5, -5, 15, 5]], 0.5),  # beyond the image
        ([[0, 0, 0.01, 0.01]], 1e-6),
        ([[0, 0, 0.1, 10], [0.1, 0, 0.2, 10], [0.2, 0, 0.3, 10]], 0.03),  # exact, although 0.1 is not in binary
    ],
)
def test_share_of_boxes(boxes, expected):
    assert covered_share(boxes, 10, 10) == expected


sides = st.tuples(st.integers(0, 36), st.integers(0, 36)).map(sorted)
quarter_boxes = st.tuples(sides, sides).map(lambda s: [s[0][0] / 4, s[1][0] / 4, s[0][1] / 4, s[1][1] / 4])


@given(st.lists(quarter_boxes, max_size=8), st.integers(1, 9), st.integers(1, 9))
def test_share_of_boxes_is_that_of_their_pixels(boxes, width, height):
    assert covered_share(boxes, width, height) == share(record_of(*[detection("a", 0.5, box) for box in boxes],
                                                                  size=(width, height)), "a")  # fmt: skip


def test_many_boxes_need_little_memory_and_are_right():
    rng = np.random.default_rng(0)
    first = rng.integers(0, 900, (3000, 2))
    boxes = np.concatenate([first, first + rng.integers(1, 100, (3000, 2))], axis=1)
    seen = np.zeros((1000, 1000), bool)
    for x1, y1, x2, y2 in boxes:
        seen[y1:y2, x1:x2] = True
    assert covered_share(boxes.tolist(), 1000, 1000) == seen.mean()


TWO = record_of(detection("dog", 0.9, [0, 0, 10, 5]), detection("dog", 0.4, [0, 0, 10, 8]),
                detection("Cat", 0.6, [0, 9, 10, 10]), size=(10, 10))  # fmt: skip


@pytest.mark.parametrize(
    ("quantity", "label", "expected"),
    [
        ("count", "dog", 2),
        ("count", "cow", 0),
        ("count", None, 3),
        ("count", "CAT", 1),
        ("score", "dog", 0.9),
        ("score", "cow", 0),
        ("score", None, 0.9),
        ("share", "dog", 0.8),
        ("share", None, 0.9),
        ("share", "cow", 0),
    ],
)
def test_a_record_of_boxes(quantity, label, expected):
    assert measure(TWO, Term(quantity, label)) == expected
    assert {"count": count, "score": score, "share": share}[quantity](TWO, label or "*") == expected


def test_a_record_of_masks():
    classes = [{"label": "sky", "share": 0.1}, {"label": "sea", "share": 0.2}]
    record = {"schema": "dlcli.segment/1", "source": "a.jpg", "ok": True, "width": 2, "height": 2, "classes": classes}
    terms = [Term("count", "sky"), Term("count", None), Term("share", "Sea"), Term("share", None), Term("share", "x")]
    assert [measure(record, term) for term in terms] == [1, 2, 0.2, 0.3, 0]  # 0.3, not 0.30000000000000004


def test_shares_that_were_rounded_up_are_no_more_than_all():
    classes = [{"label": label, "share": 0.3334} for label in "abc"]
    assert measure({"classes": classes}, Term("share", None)) == 1.0


def test_a_record_of_findings():
    findings = [{"kind": "cmyk", "message": ""}, {"kind": "16-bit", "message": ""}]
    record = {"source": "a.jpg", "ok": True, "findings": findings}
    assert [measure(record, Term("count", label)) for label in ("cmyk", "alpha", None)] == [1, 0, 2]


@pytest.mark.parametrize(
    ("changes", "quantity"),
    [
        ({"detections": None}, "count"),
        ({"detections": [3]}, "count"),
        ({"detections": [{"label": 3}]}, "count"),
        ({"detections": [{"score": 1}]}, "score"),
        ({"detections": [{"label": "dog", "score": "high"}]}, "score"),
        ({"detections": [{"label": "dog"}]}, "share"),
        ({"detections": [{"label": "dog", "box": [1, 2, 3]}]}, "share"),
        ({"detections": [{"label": "dog", "box": [0, 0, float("nan"), 1]}]}, "share"),
        ({"detections": [{"label": "dog", "box": [0, 0, 1, 1]}], "width": 0}, "share"),
        ({"detections": [{"label": "dog", "box": [0, 0, 1, 1]}], "width": None}, "share"),
    ],
)
@pytest.mark.filterwarnings("error")
def test_what_is_no_record_of_ours_is_named(changes, quantity):
    record = json.loads(json.dumps(TWO)) | changes
    with pytest.raises(
        DataError, match=rf"^a\.jpg: {quantity}\(dog\) cannot be read from its record .*create it again$"
    ):
        measure(record, Term(quantity, "dog"))


def test_a_record_without_any_list_is_named():
    with pytest.raises(DataError, match=r"^b\.jpg: its record has no detections.*of preprocess only --check"):
        measure({"source": "b.jpg", "ok": True, "outputs": []}, Term("count", "cmyk"))


@pytest.mark.parametrize(
    ("properties", "ranked", "quantities"),
    [
        (BOXES, False, ("count", "score", "share")),
        (SCORES, False, ("count", "score")),
        (SCORES, True, ("score",)),
        ({"classes": {"items": {"type": "string"}}}, False, ()),  # a list of another kind
        ({"text": {"type": "string"}}, False, ()),
    ],
)
def test_a_new_task_offers_what_its_schema_has(monkeypatch, properties, ranked, quantities):
    methods = {"schema": lambda self: {"properties": properties, "required": []}, "ranked": ranked}
    task = type("Task", (Answers,), methods)()
    monkeypatch.setattr("dlcli.batch.gates.measure.find_task", lambda name: task)
    assert countable_of("read").quantities == quantities
