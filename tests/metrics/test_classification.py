"""The classifier's metric against slow loops and worked examples."""

import numpy as np
import pytest

from dlcli.metrics.classification import ClassificationMetric, best_rank


def slow_rank(scores, class_ids):
    order = sorted(range(len(scores)), key=lambda i: (-scores[i], i))
    return min((order.index(i) for i in class_ids), default=len(scores))


def slow_ap(scores, hits):
    """Sum over the thresholds of (R_n - R_n-1) P_n."""
    total, before = 0.0, 0.0
    for threshold in sorted(set(scores), reverse=True):
        taken = [hit for score, hit in zip(scores, hits, strict=True) if score >= threshold]
        recall, precision = sum(taken) / sum(hits), sum(taken) / len(taken)
        total += (recall - before) * precision
        before = recall
    return total


def random_case(seed, several):
    rng = np.random.default_rng(seed)
    classes, count = 9, 60
    present = sorted(rng.choice(classes, 6, replace=False).tolist())
    scores = np.round(rng.dirichlet(np.ones(classes) / 2, count), 2)  # with ties
    size = (0, 4) if several else (1, 2)
    truths = [sorted(rng.choice(present, rng.integers(*size), replace=False).tolist()) for _ in range(count)]
    return present, scores, truths


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_against_slow_loops(seed, several):
    present, scores, truths = random_case(seed, several)
    metric = ClassificationMetric(present)
    for row, ids in zip(scores, truths, strict=True):
        metric.add(row, ids)
    value = metric.value()
    count = len(scores)
    ranks = [slow_rank(row, ids) for row, ids in zip(scores, truths, strict=True)]
    among = [slow_rank(row[present], [present.index(i) for i in ids]) for row, ids in zip(scores, truths, strict=True)]
    assert value.images == count
    assert value.top1 == sum(rank == 0 for rank in ranks) / count
    assert value.top5 == sum(rank < 5 for rank in ranks) / count
    assert value.top1_among == sum(rank == 0 for rank in among) / count
    assert value.top5_among == sum(rank < 5 for rank in among) / count
    for place, class_id in enumerate(present):
        hits = [class_id in ids for ids in truths]
        firsts = [slow_rank(row, [class_id]) == 0 for row in scores]
        assert value.truths[place] == sum(hits)
        assert value.found[place] == sum(firsts)
        assert value.accuracy[place] == sum(a and b for a, b in zip(hits, firsts, strict=True)) / sum(hits)
        assert value.ap[place] == pytest.approx(slow_ap(scores[:, class_id].astype(np.float32), hits))
    assert value.map == pytest.approx(np.mean(value.ap))


def test_confusion_counts_images_of_one_class():
    metric = ClassificationMetric([1, 3])
    for best, ids in [(1, [1]), (3, [1]), (0, [3]), (3, [3]), (1, [1, 3]), (1, [])]:
        scores = np.zeros(4)
        scores[best] = 1
        metric.add(scores, ids)
    assert metric.value().confusion.tolist() == [[1, 1, 0], [0, 1, 1]]


def test_perfect_and_nothing():
    metric = ClassificationMetric([0, 1])
    metric.add(np.array([0.9, 0.1]), [0])
    metric.add(np.array([0.2, 0.8]), [1])
    value = metric.value()
    assert (value.top1, value.top5, value.map, value.accuracy.tolist()) == (1.0, 1.0, 1.0, [1.0, 1.0])
    empty = ClassificationMetric([0, 1]).value()
    assert np.isnan([empty.top1, empty.map, *empty.accuracy]).all()
    assert empty.confusion.tolist() == [[0, 0, 0], [0, 0, 0]]


def test_a_class_without_an_image_has_no_ap():
    metric = ClassificationMetric([0, 1])
    metric.add(np.array([0.9, 0.1]), [0])
    assert np.isnan(metric.value().ap[1])
    assert metric.value().map == 1.0


def test_ties_go_to_the_lower_id():
    assert best_rank(np.array([0.5, 0.5, 0.1]), [1]) == 1
    assert best_rank(np.array([0.5, 0.5, 0.1]), [0, 1]) == 0
    assert best_rank(np.array([0.5, 0.5, 0.1]), []) == 3
