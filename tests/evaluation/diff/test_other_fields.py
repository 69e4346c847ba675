"""Fields that no rule of their own compares."""

import pytest

from dlcli.evaluation.diff.other_fields import is_close
from tests.evaluation.diff.records import (
    DOG,
    images,
    kinds,
    record,
)


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
    assert kinds(images([DOG]), images([DOG], **change)) == expected


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
