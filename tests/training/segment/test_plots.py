"""The table of classes, and which images are shown."""

import numpy as np
import pytest

from dlcli.metrics.segmentation import scores_of
from dlcli.training.segment.plots import evenly, write_classes


@pytest.mark.parametrize(
    ("count", "shown"), [(1, [0]), (4, [0, 1, 2, 3]), (6, [0, 1, 2, 3, 4, 5]), (101, [0, 20, 40, 60, 80, 100])]
)
def test_images_are_shown_from_the_first_to_the_last(count, shown):
    assert evenly(count, 6) == shown


def test_a_class_that_nobody_has_has_no_score(tmp_path):
    confusion = np.array([[6, 2, 0], [0, 4, 0], [0, 0, 0]])
    write_classes(tmp_path / "classes.csv", scores_of(confusion), ("background", "cat", "dog"))
    lines = (tmp_path / "classes.csv").read_text().splitlines()
    assert lines == ["class,iou,dice", "background,0.7500,0.8571", "cat,0.6667,0.8000", "dog,,"]
