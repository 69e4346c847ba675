"""What a run keeps of its best epoch."""

from pathlib import Path

import numpy as np
import pytest

from dlcli.data.dataset import ImageScore, Item
from dlcli.data.kinds import MASKS
from dlcli.evaluation.evaluate import ScoredImage
from dlcli.metrics.segmentation import scores_of
from dlcli.training.runs.best_epoch import extremes, write_classes

NAN = float("nan")


def scored(values):
    return [ScoredImage(Item(Path(f"{row}.png"), ()), ImageScore(value)) for row, value in enumerate(values)]


def names(images):
    return "".join(image.item.path.stem for image in images)


@pytest.mark.parametrize(
    ("values", "most", "best", "worst"),
    [
        ([0.5, 0.9, 0.1, 0.7], 6, "13", "20"),
        ([0.5, 0.9, 0.1, 0.7], 1, "1", "2"),
        ([1.0, 1.0, 1.0], 6, "012", ""),  # nothing is wrong with any
        ([NAN, 0.4], 6, "", "1"),  # nothing to score in the first
        ([NAN], 6, "", ""),
        ([0.5, 0.5, 0.5, 0.5], 6, "23", "01"),  # of equals the earlier first
    ],
)
def test_the_best_and_the_worst_images(values, most, best, worst):
    found = extremes(scored(values), most)
    assert tuple(map(names, found)) == (best, worst)


def test_a_class_that_nobody_has_has_no_score(tmp_path):
    confusion = np.array([[6, 2, 0], [0, 4, 0], [0, 0, 0]])
    write_classes(tmp_path / "classes.csv", MASKS, scores_of(confusion), ("background", "cat", "dog"))
    lines = (tmp_path / "classes.csv").read_text().splitlines()
    assert lines[0] == "class,iou,dice,accuracy,truth_pixels"
    assert lines[1:] == ["background,0.7500,0.8571,0.7500,8", "cat,0.6667,0.8000,1.0000,4", "dog,,,,0"]
