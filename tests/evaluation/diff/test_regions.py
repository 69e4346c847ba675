"""What `dlcli diff` finds among regions; their overlap against pixels and pycocotools."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycocotools import mask as coco_mask

from dlcli.evaluation.diff.regions import rle_iou
from dlcli.evaluation.diff.report import as_json
from dlcli.ops.masks import iou, rle_counts
from tests.evaluation.diff.records import (
    difference,
    kinds,
    record,
    regions,
)


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
