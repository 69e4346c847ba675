"""Bootstrap intervals: a metric told how often each image counts is the metric of a set with these repeats."""

from dataclasses import dataclass, fields

import numpy as np
import pytest

from dlcli.metrics.bootstrap import bootstrap_intervals, draws
from dlcli.metrics.classification import ClassificationMetric
from dlcli.metrics.detection import DetectionMetric
from dlcli.metrics.segmentation import SegmentationMetric
from tests.metrics.test_detection import CLASSES, random_image

RESAMPLES = 40


def detections(rng):
    return [random_image(rng, whole=False) for _ in range(12)], lambda: DetectionMetric(CLASSES, 4)


def masks(rng):
    truths = [rng.integers(0, 3, (9, 7)).astype(np.uint8) for _ in range(8)]
    truths[0][:] = 3  # a class that many a resample lacks
    for truth in truths:
        truth[rng.random(truth.shape) < 0.1] = 255
    found = [np.where(rng.random(t.shape) < 0.6, t % 4, rng.integers(0, 4, t.shape)).astype(np.uint8) for t in truths]
    return list(zip(found, truths, strict=True)), lambda: SegmentationMetric(5)


def classes(rng):
    scores = rng.integers(0, 5, (15, 6)) / 4  # few different scores
    truths = [sorted(rng.choice([1, 2, 5], rng.integers(0, 3), replace=False).tolist()) for _ in range(15)]
    return list(zip(scores, truths, strict=True)), lambda: ClassificationMetric([1, 2, 4, 5])


def added(make, images):
    metric = make()
    for image in images:
        metric.add(*image)
    return metric


@pytest.mark.parametrize("kind", [detections, masks, classes])
@pytest.mark.parametrize("seed", range(3))
def test_repeats_equal_a_new_metric_of_the_repeated_images(kind, seed):
    images, make = kind(np.random.default_rng(seed))
    whole = added(make, images)
    for times in draws(len(images), RESAMPLES, seed):
        slow = added(make, [image for image, n in zip(images, times, strict=True) for _ in range(n)]).value()
        fast = whole.value(times)
        for field in fields(slow):
            np.testing.assert_allclose(getattr(fast, field.name), getattr(slow, field.name), 0, 1e-12, field.name)


@pytest.mark.parametrize("kind", [detections, masks, classes])
def test_intervals_are_the_quantiles_of_a_slow_loop(kind):
    images, make = kind(np.random.default_rng(5))
    metric = added(make, images)
    names = [f.name for f in fields(metric.value()) if f.name in {"map50", "ap50_voc", "miou", "iou", "top1", "ap"}]
    steps = []
    found = bootstrap_intervals(
        metric.value, len(images), names, RESAMPLES, 7, lambda done, of: steps.append((done, of))
    )
    assert steps == [(i, RESAMPLES) for i in range(1, RESAMPLES + 1)]
    generator = np.random.default_rng(7)
    slow = []
    for _ in range(RESAMPLES):
        chosen = sorted(generator.integers(0, len(images), len(images)))
        slow.append(added(make, [images[i] for i in chosen]).value())
    for name in names:
        values = np.array([getattr(scores, name) for scores in slow])
        for place, column in enumerate(values.reshape(RESAMPLES, -1).T):
            known = sorted(v for v in column if not np.isnan(v))
            bounds = found[name].reshape(2, -1)[:, place]
            if known:
                np.testing.assert_allclose(bounds, np.quantile(known, [0.025, 0.975]), 0, 1e-12)
            else:
                assert np.isnan(bounds).all()
    assert len(names) == 2


def test_more_images_can_be_added_after_a_look():
    images, make = detections(np.random.default_rng(1))
    metric = added(make, images[:6])
    metric.value()
    for image in images[6:]:
        metric.add(*image)
    assert metric.value().map50_95 == added(make, images).value().map50_95
    images, make = classes(np.random.default_rng(1))
    metric = added(make, images[:6])
    metric.value()
    for image in images[6:]:
        metric.add(*image)
    assert metric.value().map == added(make, images).value().map


@dataclass(frozen=True)
class Mean:
    mean: float


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    """Hits of a classifier that is right 7 times of 10: intervals of 100 sets of 80 images."""
    generator = np.random.default_rng(3)
    held = 0
    for number in range(100):
        right = generator.random(80) < 0.7
        bounds = bootstrap_intervals(lambda times, r=right: Mean(times @ r / 80), 80, ["mean"], 200, number)["mean"]
        assert bounds[0] <= right.mean() <= bounds[1]
        normal = 1.96 * np.sqrt(right.mean() * (1 - right.mean()) / 80)
        np.testing.assert_allclose(bounds, right.mean() + np.array([-normal, normal]), 0, 0.04)
        held += bounds[0] <= 0.7 <= bounds[1]
    assert 88 <= held <= 99


def test_equal_seeds_draw_equal_sets():
    one, two, other = (np.array(list(draws(9, 4, seed))) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()
    assert (one.sum(1) == 9).all()


def test_no_image_has_no_interval():
    found = bootstrap_intervals(DetectionMetric(2).value, 0, ["map50", "ap50"], 5)
    assert np.isnan(found["map50"]).all()
    assert found["ap50"].shape == (2, 2)
    assert np.isnan(SegmentationMetric(2).value().miou)
