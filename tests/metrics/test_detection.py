"""The detection metric against pycocotools and against a slow loop of VOC's development kit."""

import contextlib
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcli.metrics.detection import DetectionMetric
from dlcli.records import Boxes
from tests.oracles import voc_ap_slow

CLASSES = 4  # the last has no truth


def boxes_of(xyxy, scores, class_ids):
    return Boxes(
        np.asarray(xyxy, np.float32).reshape(-1, 4), np.asarray(scores, np.float32), np.asarray(class_ids, np.int64)
    )


def random_boxes(rng, count, whole):
    start = rng.uniform(0, 60, (count, 2))
    boxes = np.hstack([start, start + rng.uniform(0 if whole else 0.5, 40, (count, 2))])
    return (boxes.round() if whole else boxes).astype(np.float32)  # whole pixels make equal overlaps and zero areas


def random_image(rng, whole=True, most=12, crowds=True):
    """Truth, and found boxes that are jittered truth, plain copies or anything, with few different scores."""
    n, m = rng.integers(0, most + 1), rng.integers(0, most // 2 + 1)
    truth, truth_ids = random_boxes(rng, m, whole), rng.integers(0, CLASSES - 1, m)
    found, ids = random_boxes(rng, n, whole), rng.integers(0, CLASSES, n)
    for i in range(n):
        if m and rng.random() < 0.8:
            j = rng.integers(m)
            ids[i] = truth_ids[j]
            jitter = rng.integers(-4, 5, 4) if whole else rng.normal(0, 3, 4)
            moved = truth[j] + jitter * rng.integers(0, 2)
            found[i] = [*moved[:2], *np.maximum(moved[2:], moved[:2])]
    scores = rng.integers(0, 6, n) / 5 if whole else rng.random(n)
    ignore = rng.random(m) < 0.25
    crowd = ignore & (rng.random(m) < 0.5) if crowds else np.zeros(m, bool)
    return boxes_of(found, scores, ids), truth, truth_ids.astype(np.int64), ignore, crowd


def scored(images, max_detections=100):
    metric = DetectionMetric(CLASSES, max_detections)
    for image in images:
        metric.add(*image)
    return metric.value()


def coco_by_pycocotools(images, max_detections=100):
    """AP per class and threshold, [C, T]; -1 becomes NaN. An ignored truth that is no crowd gets an area out of range,
    since pycocotools overwrites `ignore` by `iscrowd`."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    truths, found = [], []
    for number, (boxes, truth, truth_ids, ignore, crowd) in enumerate(images, 1):
        for box, class_id, ignored, is_crowd in zip(truth.astype(float), truth_ids, ignore, crowd, strict=True):
            xywh = [box[0], box[1], box[2] - box[0], box[3] - box[1]]
            area = 1e12 if ignored and not is_crowd else xywh[2] * xywh[3]
            truths.append({"id": len(truths) + 1, "image_id": number, "category_id": int(class_id) + 1})
            truths[-1] |= {"bbox": xywh, "area": area, "iscrowd": int(is_crowd)}
        for box, score, class_id in zip(boxes.xyxy.astype(float), boxes.scores, boxes.class_ids, strict=True):
            xywh = [box[0], box[1], box[2] - box[0], box[3] - box[1]]
            found.append({"image_id": number, "category_id": int(class_id) + 1, "bbox": xywh, "score": float(score)})
    with contextlib.redirect_stdout(io.StringIO()):
        coco = COCO()
        coco.dataset = {
            "images": [{"id": number} for number in range(1, len(images) + 1)],
            "categories": [{"id": number + 1} for number in range(CLASSES)],
            "annotations": truths,
        }
        coco.createIndex()
        if not found:  # loadRes cannot take an empty list
            found = [{"image_id": 1, "category_id": CLASSES, "bbox": [0, 0, 1, 1], "score": 0.0}]
        run = COCOeval(coco, coco.loadRes(found), "bbox")
        run.params.maxDets = [max_detections]
        run.evaluate()
        run.accumulate()
    precision = run.eval["precision"][:, :, :, 0, 0]  # [T, R, C], area range all
    return np.where(precision < 0, np.nan, precision).mean(axis=1).T


def assert_as_pycocotools(images, max_detections=100):
    ours, theirs = scored(images, max_detections), coco_by_pycocotools(images, max_detections)
    np.testing.assert_allclose(ours.ap50, theirs[:, 0], atol=1e-6)
    np.testing.assert_allclose(ours.ap50_95, theirs.mean(axis=1), atol=1e-6)
    known = theirs[~np.isnan(theirs[:, 0])]
    if len(known):
        assert ours.map50 == pytest.approx(known[:, 0].mean(), abs=1e-6)
        assert ours.map50_95 == pytest.approx(known.mean(), abs=1e-6)
    else:
        assert np.isnan([ours.map50, ours.map50_95, ours.map50_voc, ours.map50_voc11]).all()


def assert_as_devkit(images):
    ours = scored(images)
    rows = [(boxes.xyxy, boxes.scores, boxes.class_ids, *rest[:3]) for boxes, *rest in images]
    for class_id in range(CLASSES):
        assert ours.ap50_voc[class_id] == pytest.approx(voc_ap_slow(rows, class_id, False), abs=1e-6, nan_ok=True)
        assert ours.ap50_voc11[class_id] == pytest.approx(voc_ap_slow(rows, class_id, True), abs=1e-6, nan_ok=True)


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 12), whole=st.booleans(), cap=st.sampled_from([1, 3, 100]))
def test_equals_pycocotools(seed, count, whole, cap):
    rng = np.random.default_rng(seed)
    assert_as_pycocotools([random_image(rng, whole) for _ in range(count)], cap)


@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 12), whole=st.booleans())
def test_equals_the_voc_development_kit(seed, count, whole):
    rng = np.random.default_rng(seed)
    assert_as_devkit([random_image(rng, whole, crowds=False) for _ in range(count)])


def test_a_large_set_equals_both():
    rng = np.random.default_rng(7)
    images = [random_image(rng, whole=bool(number % 2), most=60, crowds=False) for number in range(60)]
    assert_as_pycocotools(images)
    assert_as_devkit(images)


NOTHING = boxes_of([], [], [])
NO_TRUTH = (np.zeros((0, 4), np.float32), np.zeros(0, np.int64), np.zeros(0, bool), np.zeros(0, bool))


def one_truth(box, ignore=False, crowd=False):
    return np.array([box], np.float32), np.zeros(1, np.int64), np.array([ignore]), np.array([crowd])


@pytest.mark.parametrize(
    "images",
    [
        pytest.param([(NOTHING, *NO_TRUTH)], id="nothing at all"),
        pytest.param([(NOTHING, *one_truth([0, 0, 9, 9]))], id="truth but nothing found"),
        pytest.param([(boxes_of([[0, 0, 9, 9]], [1], [0]), *NO_TRUTH)], id="found but no truth"),
        pytest.param([(boxes_of([[0, 0, 9, 9]], [1], [0]), *one_truth([0, 0, 9, 9], True))], id="only ignored truth"),
        pytest.param([(boxes_of([[0, 0, 0, 9]], [1], [0]), *one_truth([0, 0, 0, 9]))], id="no area"),
        pytest.param([(boxes_of([[0, 0, 11, 1]], [1], [0]), *one_truth([0, 0, 20, 1]))], id="overlap exactly 0.55"),
        pytest.param([(boxes_of([[0, 0, 10, 1]], [1], [0]), *one_truth([0, 0, 20, 1]))], id="overlap exactly 0.5"),
    ],
)
def test_corner_cases(images):
    assert_as_pycocotools(images)
    assert_as_devkit(images)


def test_an_empty_metric_has_no_scores():
    value = DetectionMetric(2).value()
    assert np.isnan(value.map50)
    assert value.images == 0
    assert value.truths.tolist() == value.found.tolist() == [0, 0]


def test_a_perfect_answer_scores_one():
    value = scored([(boxes_of([[0, 0, 9, 9]], [0.3], [0]), *one_truth([0, 0, 9, 9]))])
    assert value.map50 == value.map50_95 == value.map50_voc == value.map50_voc11 == 1.0
    assert value.truths.tolist() == [1, 0, 0, 0]


def test_the_second_box_of_a_difficult_neighbor_differs_between_coco_and_voc():
    """Two truths side by side, one difficult; the found box overlaps the difficult one more."""
    truth = np.array([[0, 0, 10, 10], [2, 0, 12, 10]], np.float32)
    rest = truth, np.zeros(2, np.int64), np.array([False, True]), np.zeros(2, bool)
    value = scored([(boxes_of([[2, 0, 12, 10]], [1], [0]), *rest)])
    assert value.ap50[0] == 1.0  # COCO: a counted truth is preferred
    assert value.ap50_voc[0] == 0.0  # VOC: left out, and the other stays unfound


def test_voc_figures_leave_out_what_lies_in_a_crowd():
    truth = np.array([[0, 0, 10, 10], [20, 0, 90, 90]], np.float32)
    rest = truth, np.zeros(2, np.int64), np.array([False, True]), np.array([False, True])
    value = scored([(boxes_of([[0, 0, 10, 10], [30, 30, 40, 40], [50, 50, 60, 60]], [0.1, 0.9, 0.8], [0] * 3), *rest)])
    assert value.ap50_voc[0] == value.ap50[0] == 1.0


def test_a_wrong_class_id_is_refused():
    with pytest.raises(ValueError, match="expected 0 to 3, got 4 to 4"):
        scored([(boxes_of([[0, 0, 1, 1]], [1], [4]), *NO_TRUTH)])
