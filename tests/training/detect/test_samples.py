"""Samples: the same whoever makes them, with targets that say ignored where the truth is unsure."""

import numpy as np
import pytest
import torch

from dlcli.data.formats import read_dataset
from dlcli.data.kinds import BOXES
from dlcli.errors import DataError
from dlcli.ops.anchors import AnchorGrid
from dlcli.ops.boxes import box_iou
from dlcli.ops.matching import BACKGROUND, IGNORED, match_anchors
from dlcli.training.augment import Sample
from dlcli.training.detect.samples import DetectionSamples, anchor_targets
from dlcli.training.loaders import Draw, batches, epoch_draws
from tests.training.sets import write_squares

GRID = AnchorGrid(64, 64)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return read_dataset(BOXES, write_squares(tmp_path_factory.mktemp("squares"), train=6), "train")


def samples(data, seed=0):
    return DetectionSamples(data, GRID, seed)


def sample_of(truth, ignore, scores=(np.nan, np.nan)):
    """Two boxes of classes 4 and 2."""
    ids, sure = np.array([4, 2]), np.array(scores, np.float32)
    return Sample(np.zeros((64, 64, 3), np.uint8), np.array(truth, np.float32), ids, np.array(ignore), sure)


def same(one, other):
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_shapes_and_types(data):
    pixels, classes, boxes, wanted, unsure = samples(data)[Draw(0, 0, 128, 0.0)]
    anchors = len(GRID.at(128, 128).cxcywh)
    assert (pixels.shape, pixels.dtype) == ((3, 128, 128), torch.uint8)
    assert (classes.shape, classes.dtype) == ((anchors,), torch.int64)
    assert (boxes.shape, boxes.dtype) == ((anchors, 4), torch.float32)
    assert torch.equal(wanted, (classes >= 0).float()), "each box is a truth"
    assert (unsure.shape, unsure.dtype, unsure.any()) == ((anchors, 1), torch.bool, False)


@pytest.mark.parametrize("mosaic", [0.0, 1.0])
def test_a_sample_depends_on_seed_epoch_and_index_alone(data, mosaic):
    draw = Draw(2, 5, 64, mosaic)
    busy = samples(data)
    busy[Draw(4, 1, 64, mosaic)]
    first = samples(data)[draw]
    assert same(first, busy[draw])
    for other in (
        samples(data, seed=1)[draw],
        samples(data)[Draw(2, 6, 64, mosaic)],
        samples(data)[Draw(3, 5, 64, mosaic)],
    ):
        assert not torch.equal(first[0], other[0])


def test_the_number_of_workers_changes_nothing(data):
    draws = epoch_draws(np.ones(6), 0, 3, 64, 0.5)
    alone, shared = (list(batches(samples(data), draws, 2, workers)) for workers in (0, 2))
    assert len(alone) == 3
    assert all(same(a, b) for a, b in zip(alone, shared, strict=True))


def test_targets_name_class_and_box():
    truth = np.array([[8, 8, 30, 32], [40, 40, 60, 60]], np.float32)
    sample = sample_of(truth, [False, False])
    classes, boxes, wanted, unsure = anchor_targets(sample, GRID, (0.5, 0.4), 5)
    match = match_anchors(GRID.xyxy, truth)
    assert {4, 2} <= set(classes.tolist())
    for row in np.flatnonzero(match >= 0):
        assert classes[row] == (4, 2)[match[row]]
        assert boxes[row].tolist() == truth[match[row]].tolist()
    assert (classes[match < 0] == match[match < 0]).all()
    assert (boxes[match < 0] == 0).all()
    assert ((wanted == 1) == (match >= 0)).all()
    assert not unsure.any()


def test_a_box_with_a_score_is_wanted_with_it():
    sample = sample_of([[8, 8, 30, 32], [40, 40, 60, 60]], [False, False], [np.nan, 0.375])
    classes, _, wanted, unsure = anchor_targets(sample, GRID, (0.5, 0.4), 5)
    assert set(wanted[classes == 4]) == {1.0}
    assert set(wanted[classes == 2]) == {0.375}
    assert not wanted[classes < 0].any()
    assert not unsure.any()


def test_an_ignored_box_with_a_score_is_ignored_for_its_class_alone():
    truth = np.array([[8, 8, 30, 32], [40, 40, 60, 60]], np.float32)
    classes, _, _, unsure = anchor_targets(sample_of(truth, [False, True], [np.nan, 0.25]), GRID, (0.5, 0.4), 5)
    np.testing.assert_array_equal(
        classes, anchor_targets(sample_of(truth, [False, False]).only([0]), GRID, (0.5, 0.4), 5).classes
    )
    near = box_iou(GRID.xyxy, truth[1:])[:, 0] >= 0.4
    np.testing.assert_array_equal(unsure[:, 2], near)
    assert not unsure[:, [0, 1, 3, 4]].any()


def test_a_small_ignored_box_is_ignored_at_its_best_anchor():
    sample = sample_of([[8, 8, 30, 32], [40, 40, 43, 43]], [False, True], [np.nan, 0.25])
    unsure = anchor_targets(sample, GRID, (0.5, 0.4), 5).unsure
    best = box_iou(GRID.xyxy, sample.xyxy[1:])[:, 0]
    assert best.max() < 0.4
    np.testing.assert_array_equal(unsure[:, 2], best == best.max())


def test_a_difficult_box_is_neither_object_nor_background():
    truth = np.array([[8, 8, 30, 32], [40, 40, 60, 60]], np.float32)
    sample = sample_of(truth, [False, True])
    classes = anchor_targets(sample, GRID, (0.5, 0.4), 5).classes
    assert set(classes.tolist()) == {4, BACKGROUND, IGNORED}
    near = match_anchors(GRID.xyxy, truth[1:]) != BACKGROUND
    assert (classes[near] != BACKGROUND).all()


def test_a_difficult_box_takes_no_anchor_from_a_sure_one():
    truth = np.array([[8, 8, 30, 32], [8, 8, 30, 32]], np.float32)
    sample = sample_of(truth, [False, True])
    classes = anchor_targets(sample, GRID, (0.5, 0.4), 5).classes
    np.testing.assert_array_equal(classes >= 0, match_anchors(GRID.xyxy, truth[:1]) >= 0)


def test_an_image_that_vanished_is_named(tmp_path):
    data = read_dataset(BOXES, write_squares(tmp_path / "set"), "train")
    data.items[1].path.unlink()
    with pytest.raises(DataError, match=r"001\.png.*readable when the training began"):
        samples(data)[Draw(1, 0, 64, 0.0)]
