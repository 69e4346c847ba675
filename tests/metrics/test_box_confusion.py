"""The confusion matrix of boxes, against cases worked out by hand."""

import numpy as np
import pytest

from dlcli.metrics.box_confusion import box_confusion, f1_of
from dlcli.metrics.detection import DetectionMetric
from dlcli.records import Boxes

TRUTH = np.array([[0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]], np.float32)
IDS = np.array([0, 1, 1])


def boxes(*rows):
    """(x of a square of 10 pixels, score, class)"""
    xyxy = np.array([[x, 0, x + 10, 10] for x, _, _ in rows], np.float32).reshape(-1, 4)
    return Boxes(xyxy, np.array([s for _, s, _ in rows], np.float32), np.array([c for *_, c in rows], np.int64))


def confusion(found, ignore=(False, False, False), crowd=(False, False, False)):
    return box_confusion(found, TRUTH, IDS, np.array(ignore), np.array(crowd), 2).tolist()


NONE_FOUND = [[0, 0, 1], [0, 0, 2], [0, 0, 0]]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (boxes(), NONE_FOUND),
        (boxes((0, 0.9, 0), (20, 0.9, 1), (40, 0.9, 1)), [[1, 0, 0], [0, 2, 0], [0, 0, 0]]),
        (boxes((0, 0.9, 1)), [[0, 1, 0], [0, 0, 2], [0, 0, 0]]),  # another class, in the right place
        (boxes((0, 0.2, 0)), NONE_FOUND),  # below the score that is shown
        (boxes((4, 0.9, 0)), [[0, 0, 1], [0, 0, 2], [1, 0, 0]]),  # IoU 6/14
        (boxes((3, 0.9, 0)), [[1, 0, 0], [0, 0, 2], [0, 0, 0]]),  # IoU 7/13
        (boxes((1, 0.5, 0), (0, 0.4, 1)), [[0, 1, 0], [0, 0, 2], [1, 0, 0]]),  # the better overlap takes the truth
        (boxes((80, 0.9, 1)), [[0, 0, 1], [0, 0, 2], [0, 1, 0]]),
    ],
)
def test_by_hand(found, expected):
    assert confusion(found) == expected


def test_ignored_truths_are_neither_missed_nor_wrong():
    assert confusion(boxes(), ignore=(True, False, False)) == [[0, 0, 0], [0, 0, 2], [0, 0, 0]]
    assert confusion(boxes((0, 0.9, 1)), ignore=(True, False, False)) == [[0, 0, 0], [0, 0, 2], [0, 0, 0]]
    assert confusion(boxes((2, 0.9, 1)), crowd=(True, False, False)) == [[0, 0, 0], [0, 0, 2], [0, 0, 0]]


def test_f1():
    assert f1_of(np.array([[1, 0, 0], [0, 2, 0], [0, 0, 0]])) == 1
    assert f1_of(np.array([[0, 1, 0], [0, 0, 2], [0, 0, 0]])) == 0
    assert f1_of(np.array([[1, 0, 0], [0, 0, 2], [0, 0, 0]])) == pytest.approx(2 * 1 / (1 + 3))
    assert np.isnan(f1_of(np.zeros((3, 3))))


def test_a_metric_adds_them_up_and_draws_the_curve():
    metric = DetectionMetric(2)
    no = np.zeros(3, bool)
    assert metric.add(
        boxes((0, 0.9, 0), (20, 0.8, 1), (60, 0.7, 1), (40, 0.6, 1)), TRUTH, IDS, no, no
    ) == pytest.approx(2 * 3 / (4 + 3))
    metric.add(boxes(), TRUTH, IDS, no, no)
    assert metric.confusion.tolist() == [[1, 0, 1], [0, 2, 2], [0, 1, 0]]
    precision, recall = metric.curve(1)
    np.testing.assert_allclose(precision, [1, 2 / 3])
    np.testing.assert_allclose(recall, [1 / 4, 2 / 4])
    assert [len(part) for part in DetectionMetric(2).curve(0)] == [0, 0]
