"""The three averages on curves worked out by hand."""

import numpy as np
import pytest

from dlcli.metrics.average_precision import coco_ap, precision_recall, voc11_ap, voc_ap


def test_precision_and_recall():
    precision, recall = precision_recall(np.array([True, False, True]), 4)
    np.testing.assert_allclose(precision, [1, 1 / 2, 2 / 3])
    np.testing.assert_allclose(recall, [1 / 4, 1 / 4, 1 / 2])


def test_half_of_the_truth_found_without_a_miss():
    curve = precision_recall(np.array([True]), 2)
    assert coco_ap(*curve) == pytest.approx(51 / 101)  # recalls 0 to 0.50
    assert voc11_ap(*curve) == pytest.approx(6 / 11)  # recalls 0 to 0.5
    assert voc_ap(*curve) == pytest.approx(1 / 2)


def test_a_miss_before_the_hits_lowers_all_below_it():
    curve = precision_recall(np.array([False, True, True]), 2)
    for average in (coco_ap, voc11_ap, voc_ap):
        assert average(*curve) == pytest.approx(2 / 3)


@pytest.mark.parametrize("average", [coco_ap, voc11_ap, voc_ap])
@pytest.mark.parametrize("hits", [[], [False, False]])
def test_nothing_found_scores_zero(average, hits):
    assert average(*precision_recall(np.array(hits, dtype=bool), 3)) == 0


def test_a_recall_of_exactly_three_tenths_reaches_the_point_0_3():
    assert voc11_ap(*precision_recall(np.ones(3, dtype=bool), 10)) == pytest.approx(4 / 11)
