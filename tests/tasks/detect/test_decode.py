"""From logits and offsets to boxes, against a loop over every anchor and class."""

import numpy as np
import pytest

from dlcli.ops.anchors import AnchorGrid, decode_boxes
from dlcli.ops.calibration import PLAIN, Calibration
from dlcli.tasks.detect.decode import MAX_CANDIDATES, decode
from tests.oracles import slow_iou

GRID = AnchorGrid(64, 64, strides=(16, 32), sides=(20, 40))


def slow_decode(logits, offsets, conf, iou):
    """Each class by itself: the best box left stays and drops what overlaps it."""
    boxes = np.clip(decode_boxes(offsets, GRID.cxcywh, GRID.variances), 0, 64)
    scores = 1 / (1 + np.exp(-logits.astype(np.float64)))
    kept = []
    for c in range(logits.shape[1]):
        left = sorted((a for a in range(len(boxes)) if scores[a, c] >= conf), key=lambda a: (-scores[a, c], a))
        while left:
            best = left.pop(0)
            kept.append((best, c))
            left = [a for a in left if slow_iou(boxes[best], boxes[a]) <= iou]
    return {(a, c): (boxes[a], scores[a, c]) for a, c in kept}


@pytest.mark.parametrize("seed", range(5))
def test_against_the_slow_loop(seed):
    rng = np.random.default_rng(seed)
    count = len(GRID.cxcywh)
    logits = rng.normal(-2, 1.5, (count, 3)).astype(np.float32)
    offsets = rng.normal(0, 1, (count, 4)).astype(np.float32)
    found = decode(logits, offsets, GRID, 0.3, 0.45)
    expected = slow_decode(logits, offsets, 0.3, 0.45)
    assert len(found) == len(expected) > 5
    assert (np.diff(found.scores) <= 0).all()
    for box, score, c in zip(found.xyxy, found.scores, found.class_ids, strict=True):
        assert any(
            k == c and np.allclose(box, b, atol=1e-3) and abs(score - s) < 1e-6 for (_, k), (b, s) in expected.items()
        )


def test_calibrated_scores_keep_the_boxes_and_their_order():
    rng = np.random.default_rng(3)
    logits = rng.normal(-2, 1.5, (len(GRID.cxcywh), 3)).astype(np.float32)
    offsets = rng.normal(0, 1, (len(logits), 4)).astype(np.float32)
    calibration = Calibration(2.5, -0.4)
    plain = decode(logits, offsets, GRID, 0.3, 0.45)
    least = float(calibration.scores(PLAIN.logits(np.array(0.3))))
    found = decode(logits, offsets, GRID, least, 0.45, calibration)
    assert np.array_equal(found.xyxy, plain.xyxy)
    assert np.array_equal(found.class_ids, plain.class_ids)
    np.testing.assert_allclose(found.scores, calibration.scores(PLAIN.logits(plain.scores)), atol=1e-6)
    few = decode(logits, offsets, GRID, 0.5, 0.45, calibration)
    assert few.scores.min() >= 0.5
    assert 0 < len(few) < len(found)


@pytest.mark.parametrize("conf", [0.0, 1.0])
def test_the_ends_of_conf(conf):
    logits = np.full((len(GRID.cxcywh), 1), -3, np.float32)
    found = decode(logits, np.zeros((len(logits), 4), np.float32), GRID, conf, 0.5)
    assert (len(found) > 0) == (conf == 0.0)


def test_nothing_found_is_an_empty_answer():
    found = decode(
        np.full((len(GRID.cxcywh), 2), -9, np.float32), np.zeros((len(GRID.cxcywh), 4), np.float32), GRID, 0.5, 0.5
    )
    assert len(found) == 0
    assert found.xyxy.shape == (0, 4)


def test_classes_not_asked_for_are_minus_infinity():
    logits = np.full((len(GRID.cxcywh), 2), -np.inf, np.float32)
    logits[:, 1] = 2
    found = decode(logits, np.zeros((len(logits), 4), np.float32), GRID, 0.0, 0.5)
    assert set(found.class_ids) == {1}


def test_only_the_best_candidates_reach_nms():
    grid = AnchorGrid(320, 320)
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 1, (len(grid.cxcywh), 2)).astype(np.float32)
    found = decode(logits, np.zeros((len(logits), 4), np.float32), grid, 0.0, 1.0)
    assert len(found) == MAX_CANDIDATES
    assert np.isclose(found.scores.min(), 1 / (1 + np.exp(-np.sort(logits.ravel())[-MAX_CANDIDATES])))
