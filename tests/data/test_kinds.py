"""What each kind answers of a target: its classes, whether two are labeled alike, and its score."""

from pathlib import Path

import numpy as np
import pytest

from dlcli.data.boxes import BoxSet, GroundTruth, box_item
from dlcli.data.classes import ClassSet
from dlcli.data.dataset import Item, Problem
from dlcli.data.kinds import BOXES, CLASSES, MASKS
from dlcli.data.masks import VOID, MaskSet, MaskValues, mask_item
from dlcli.errors import DataError
from dlcli.imaging.formats.index_png import encode_index_png
from dlcli.records import Boxes

LABELS = ("cat", "dog", "owl")


def boxes_of(*class_ids):
    truths = [GroundTruth((float(i), 0.0, i + 10.0, 10.0), class_id) for i, class_id in enumerate(class_ids)]
    return box_item(Path("a.png"), "a", (40, 30), truths)


@pytest.fixture
def masked(tmp_path):
    mask = np.zeros((6, 8), np.uint8)
    mask[:2], mask[5] = 2, VOID
    (tmp_path / "mask.png").write_bytes(encode_index_png(mask))
    values = MaskValues((0, 1, 2, *[-1] * 252, VOID), LABELS)
    return mask_item(tmp_path / "a.png", "a", tmp_path / "mask.png", values)


def test_classes_of_each(masked):
    assert BOXES.classes(BOXES.truth(boxes_of(2, 0, 2))) == (2, 0, 2)
    assert CLASSES.classes(CLASSES.truth(Item(Path("a"), (0, 2)))) == (0, 2)
    assert MASKS.classes(MASKS.truth(masked)) == (0, 2)


def test_boxes_are_alike_in_any_order_and_within_half_a_pixel():
    one = boxes_of(1, 2).target
    other = box_item(
        Path("b"), "b", (40, 30), [GroundTruth((1.2, 0, 11, 10), 2), GroundTruth((0, 0, 9.8, 10), 1)]
    ).target
    assert BOXES.identity(one) == BOXES.identity(other)
    assert BOXES.identity(one) != BOXES.identity(boxes_of(2, 1).target)


def test_masks_are_alike_pixel_by_pixel(masked):
    truth = MASKS.truth(masked)
    assert MASKS.identity(truth) == MASKS.identity(truth.copy())
    assert MASKS.identity(truth) != MASKS.identity(truth.T.copy())


def test_scores_of_an_image(masked):
    data = MaskSet("masks", LABELS, (masked,))
    truth = MASKS.truth(masked)
    assert MASKS.add(MASKS.metric(data), truth, np.where(truth == VOID, 1, truth).astype(np.uint8)).value == 1
    half = np.zeros_like(truth)  # of the 40 pixels that count, 16 are of class 2
    assert MASKS.add(MASKS.metric(data), truth, half).value == pytest.approx((24 / 40 + 0) / 2)
    classes = ClassSet("csv", LABELS, (Item(Path("a"), (0, 2)),))
    found = CLASSES.add(CLASSES.metric(classes), (0, 2), np.array([0.2, 0.5, 0.3]))
    assert (found.value, found.best, found.best_value) == (0.3, 1, 0.5)


def test_boxes_are_scored_by_image_and_as_a_whole():
    item = boxes_of(1)
    metric = BOXES.metric(BoxSet("voc", LABELS, (item,)))
    answer = Boxes(item.target.xyxy, np.array([0.9], np.float32), item.target.class_ids)
    assert BOXES.add(metric, item.target, answer).value == 1
    assert metric.value().map50 == 1


def test_an_image_goes_with_its_mask(masked):
    data = MaskSet("masks", LABELS, (masked, mask_item(Path("b.png"), "b", Path("b-mask.png"))))
    problem = MASKS.check(masked, LABELS, (3, 3))
    assert problem is not None
    assert (problem.path, problem.image) == (masked.annotation, masked.path)
    assert [item.image_id for item in data.without([problem]).items] == ["b"]
    assert data.without([Problem(Path("other"), "bad")]).items == data.items
    with pytest.raises(DataError, match="not one of its images can be used"):
        data.without([problem, Problem(Path("b.png"), "bad")])
