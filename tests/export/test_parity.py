"""The largest difference, and when it is too large."""

import numpy as np
import pytest

from dlcli.errors import DlcliError
from dlcli.export.parity import Difference, largest_difference


def answer(logit, offset):
    return lambda tensor: (np.full((2, 3), logit, np.float32) * tensor.max(), np.full((2, 4), offset, np.float32))


def test_the_largest_over_all_images():
    images = [np.full((1, 3, 4, 4), value, np.float32) for value in (1, 3, 2)]
    assert largest_difference(answer(1.0, 5), answer(1.5, 3), images, ("logits", "offsets")) == Difference(
        (("logits", 1.5), ("offsets", 2.0)), 3
    )


@pytest.mark.parametrize(("logits", "offsets"), [(0.2, 0), (0, 0.2), (float("nan"), 0)])
def test_too_large(logits, offsets):
    with pytest.raises(DlcliError, match=r"expected at most 0\.1"):
        Difference((("logits", logits), ("offsets", offsets)), 1).check(0.1)


def test_small_enough():
    Difference((("logits", 0.1),), 1).check(0.1)


def test_what_it_says():
    found = Difference((("logits", 0.00012), ("offsets", 0.5)), 3)
    assert str(found) == "logits differ by at most 1.2e-04, offsets by 5.0e-01, on 3 images"
    assert str(Difference((("logits", 0.5),), 1)) == "logits differ by at most 5.0e-01, on 1 images"
