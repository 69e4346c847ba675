"""Options that do not fit together, and what classes weigh."""

from pathlib import Path

import numpy as np
import pytest

from dlcli.errors import UsageError
from dlcli.training.segment.checks import check_batch, check_options, class_weights, listed_weights
from dlcli.training.segment.options import SegmentTraining

LABELS = ("background", "cat", "dog")


def options(**more):
    return SegmentTraining(data=Path("data"), out=Path("run"), **more)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"size": 100}, "--size 100: expected a multiple of 32"),
        ({"start_size": 100}, "--start-size 100: expected a multiple of 32"),
        ({"net": "vgg"}, "--net vgg: expected one of light"),
        ({"net": "torchvision/resnet18"}, "--net torchvision/resnet18: expected one of torchvision/"),
        ({"loss": "dice+iou"}, r"--loss dice\+iou: expected dice, ce, focal"),
        ({"class_weights": "1,x"}, "--class-weights 1,x: expected none, auto, or a number a class"),
        ({"class_weights": "1,-1,2"}, "--class-weights"),
        ({"class_weights": "nan,1"}, "--class-weights"),
        ({"class_weights": "0,0,0"}, "--class-weights"),
        ({"class_weights": ""}, "--class-weights"),
    ],
)
def test_what_does_not_fit_is_refused(more, message):
    check_options(options())
    with pytest.raises(UsageError, match=message):
        check_options(options(**more))


@pytest.mark.parametrize(
    ("more", "images", "refused"),
    [
        ({"batch": 1, "size": 32}, 9, True),
        ({"batch": 8, "size": 32}, 1, True),
        ({"batch": 2, "size": 32}, 9, False),
        ({"batch": 1, "size": 64}, 9, False),
        ({"batch": 1, "size": 64, "start_size": 32}, 9, True),
        ({"batch": 1, "size": 320, "net": "torchvision/deeplabv3_resnet50"}, 9, True),
    ],
)
def test_one_image_a_step_needs_more_than_one_cell(more, images, refused):
    if not refused:
        check_batch(options(**more), images)
        return
    with pytest.raises(UsageError, match="needs two or more; pass --batch 2"):
        check_batch(options(**more), images)


def test_weights_as_listed():
    assert listed_weights("1, 2,0.5") == [1, 2, 0.5]
    assert class_weights("1,2,0.5", np.zeros((1, 3), int), LABELS).tolist() == [1, 2, 0.5]
    assert class_weights("none", np.zeros((1, 3), int), LABELS) is None
    with pytest.raises(UsageError, match="expected 3 numbers, for background, cat, dog; got 2"):
        class_weights("1,2", np.zeros((1, 3), int), LABELS)


def test_auto_is_median_frequency():
    """Two images of 100 pixels: the background has 150 of 200, cat 40 of the 100 in its image, dog 10 of 100."""
    pixels = np.array([[60, 40, 0], [90, 0, 10]])
    frequency = np.array([150 / 200, 40 / 100, 10 / 100])
    assert class_weights("auto", pixels, LABELS).numpy() == pytest.approx(np.median(frequency) / frequency)
    rare = class_weights("auto", np.array([[10**6, 10**5, 1], [10, 0, 0]]), (*LABELS,))
    assert rare[2] == 10  # at most
    assert class_weights("auto", np.array([[50, 50, 0]]), LABELS).tolist() == [1, 1, 1]  # no dog anywhere
