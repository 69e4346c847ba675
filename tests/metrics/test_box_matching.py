"""Overlap and the two ways to match, on cases small enough to read."""

import numpy as np
import pytest

from dlcli.metrics.box_matching import HIT, LEFT_OUT, MISS, coco_statuses, overlaps, voc_statuses

NO, YES = [False], [True]


def flags(*values):
    return np.array(values, dtype=bool)


def test_overlap_is_shared_over_whole_and_over_the_found_box_for_a_crowd():
    found, truth = np.float32([[0, 0, 10, 10]]), np.float32([[5, 0, 15, 10], [5, 0, 15, 10], [10, 0, 20, 10]])
    np.testing.assert_allclose(overlaps(found, truth, flags(False, True, False)), [[1 / 3, 1 / 2, 0]])


def test_overlap_without_boxes_or_area():
    empty, point = np.zeros((0, 4), np.float32), np.float32([[3, 3, 3, 3]])
    assert overlaps(empty, point, flags(False)).shape == (0, 1)
    assert overlaps(point, empty, flags()).shape == (1, 0)
    assert overlaps(point, point, flags(False)).tolist() == [[0.0]]
    assert overlaps(np.float32([[9, 9, 3, 3]]), np.float32([[0, 0, 10, 10]]), flags(True)).tolist() == [[0.0]]


def coco(overlap, ignore, crowd):
    return coco_statuses(np.array(overlap), flags(*ignore), flags(*crowd), np.array([0.5]))[0].tolist()


def voc(overlap, ignore, crowd):
    return voc_statuses(np.array(overlap), flags(*ignore), flags(*crowd), 0.5).tolist()


@pytest.mark.parametrize(
    ("overlap", "ignore", "crowd", "by_coco", "by_voc"),
    [
        pytest.param([[0.5]], NO, NO, [HIT], [HIT], id="the threshold itself is enough"),
        pytest.param([[0.49]], NO, NO, [MISS], [MISS], id="too little"),
        pytest.param([[0.6], [0.9]], NO, NO, [HIT, MISS], [HIT, MISS], id="one truth, one hit"),
        pytest.param([[0.9], [0.9]], YES, NO, [LEFT_OUT, MISS], [LEFT_OUT] * 2, id="difficult twice"),
        pytest.param([[0.9], [0.9]], YES, YES, [LEFT_OUT] * 2, [LEFT_OUT] * 2, id="a crowd takes many"),
        pytest.param([[0.9, 0.7], [0.8, 0.7]], NO * 2, NO * 2, [HIT, HIT], [HIT, MISS], id="second best is free"),
        pytest.param([[0.6, 0.9]], NO + YES, NO * 2, [HIT], [LEFT_OUT], id="counted before difficult"),
        pytest.param([[0.6, 0.9]], NO + YES, NO + YES, [HIT], [HIT], id="counted before crowd"),
        pytest.param([[-1.0]], NO, NO, [MISS], [MISS], id="another class"),
    ],
)
def test_where_the_two_agree_and_differ(overlap, ignore, crowd, by_coco, by_voc):
    assert coco(overlap, ignore, crowd) == by_coco
    assert voc(overlap, ignore, crowd) == by_voc


def test_nothing_to_match():
    none = np.zeros((2, 0))
    assert coco(none, [], []) == voc(none, [], []) == [MISS, MISS]
    assert coco(np.zeros((0, 1)), NO, NO) == voc(np.zeros((0, 1)), NO, NO) == []
