"""IoU, Dice and accuracy against slow loops and pycocotools; what empty masks and void count as."""

import numpy as np
import pytest
from pycocotools import mask as oracle

from dlcli.metrics.segmentation import SegmentationMetric, confusion_of, scores_of
from dlcli.ops.masks import dice, iou

RNG = np.random.default_rng(0)
TRUTHS = [RNG.integers(0, 4, (17, 23)).astype(np.uint8) for _ in range(3)]
for truth in TRUTHS:
    truth[RNG.random(truth.shape) < 0.1] = 255
FOUND = [np.where(RNG.random(t.shape) < 0.6, t % 4, RNG.integers(0, 4, t.shape)).astype(np.uint8) for t in TRUTHS]


def scored(pairs, classes=4):
    metric = SegmentationMetric(classes)
    for found, truth in pairs:
        metric.add(found, truth)
    return metric.value()


def test_against_a_slow_loop():
    scores = scored(zip(FOUND, TRUTHS, strict=True))
    right = total = 0
    table = np.zeros((4, 4), int)
    for found, truth in zip(FOUND, TRUTHS, strict=True):
        for a, b in zip(truth.ravel(), found.ravel(), strict=True):
            if a != 255:
                table[a, b] += 1
                right, total = right + (a == b), total + 1
    np.testing.assert_array_equal(scores.confusion, table)
    assert scores.pixel_accuracy == right / total
    assert scores.images == 3
    for c in range(4):
        union = table[c].sum() + table[:, c].sum() - table[c, c]
        assert scores.iou[c] == table[c, c] / union
        assert scores.dice[c] == 2 * table[c, c] / (table[c].sum() + table[:, c].sum())
        assert scores.accuracy[c] == table[c, c] / table[c].sum()
    assert scores.miou == pytest.approx(scores.iou.mean())
    assert scores.mdice == pytest.approx(scores.dice.mean())


def test_one_image_is_the_overlap_of_its_masks():
    truth, found = TRUTHS[0] % 4, FOUND[0]
    scores = scores_of(confusion_of(found, truth, 4))
    for c in range(4):
        encoded = [oracle.encode(np.asfortranarray((m == c).astype(np.uint8))) for m in (found, truth)]
        assert scores.iou[c] == pytest.approx(float(oracle.iou(encoded[:1], encoded[1:], [0])[0, 0]))
        assert scores.iou[c] == pytest.approx(iou(found == c, truth == c))
        assert scores.dice[c] == pytest.approx(dice(found == c, truth == c))


def test_a_perfect_prediction():
    scores = scored([(TRUTHS[0] % 4, TRUTHS[0] % 4)])
    assert scores.miou == scores.mdice == scores.pixel_accuracy == 1


def test_a_class_that_is_nowhere_has_no_value_and_one_that_is_only_predicted_has_zero():
    truth = np.zeros((4, 4), np.uint8)
    found = truth.copy()
    found[0] = 2
    scores = scored([(found, truth)])
    np.testing.assert_array_equal(scores.iou, [0.75, np.nan, 0, np.nan])
    np.testing.assert_array_equal(scores.accuracy, [0.75, np.nan, np.nan, np.nan])
    assert scores.miou == 0.375


def test_nothing_that_counts():
    scores = scored([(np.zeros((3, 3), np.uint8), np.full((3, 3), 255, np.uint8))])
    assert np.isnan([scores.miou, scores.mdice, scores.pixel_accuracy]).all()


@pytest.mark.parametrize(
    ("found", "truth", "error"),
    [
        (np.zeros((3, 4)), np.zeros((4, 3)), r"expected one size, got \[3, 4\] and \[4, 3\]"),
        (np.full((2, 2), 4), np.zeros((2, 2)), "expected classes below 4"),
        (np.zeros((2, 2)), np.full((2, 2), 9), "expected classes below 4"),
    ],
)
def test_masks_that_do_not_fit(found, truth, error):
    with pytest.raises(ValueError, match=error):
        SegmentationMetric(4).add(found.astype(np.uint8), truth.astype(np.uint8))
