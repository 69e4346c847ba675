"""The segmenter finds the colors where they are, at the image's own size; what is not asked for is background."""

import numpy as np
import pytest

from dlcli.errors import DataError
from dlcli.imaging.geometry import letterbox
from dlcli.tasks.segment.segmenter import NO_CLASS, Keep, Segmenter, background_of, kept
from tests.tasks.segment.colors import LABELS, RGB, blocks, color_card, color_forward


def halves(height, width):
    truth = np.zeros((height, width), np.uint8)
    truth[:, width // 2 :] = 1
    truth[height // 2 :, : width // 2] = 3
    return RGB[truth], truth


@pytest.mark.parametrize("size", [(64, 64), (120, 200), (201, 77), (40, 30), (1, 1)])
@pytest.mark.parametrize("rule", [{"resize": "stretch"}, {"resize": "letterbox", "max_stretch": 1.5}])
def test_the_mask_has_the_images_size_and_its_classes(size, rule):
    pixels, truth = halves(*size)
    found = Segmenter(color_card(**rule), color_forward)(pixels)
    assert found.shape == size
    assert (found == truth).mean() > 0.97 - 3 / max(size)


def test_where_pre_moved_the_image_the_mask_is_still_the_images():
    pixels, truth = blocks(90, 130)
    moved, placement = letterbox(pixels, (200, 200), 60)
    found = Segmenter(color_card(128), color_forward)(moved, placement)
    assert found.shape == truth.shape
    assert (found == truth).mean() > 0.95


MASK = np.repeat(np.array([0, 1, 2, 3], np.uint8), [50, 30, 15, 5]).reshape(10, 10)


def only(*class_ids):
    return np.isin(np.arange(len(LABELS)), class_ids)


@pytest.mark.parametrize(
    ("keep", "background", "expected"),
    [
        (Keep(), 0, [50, 30, 15, 5]),
        (Keep(only(1)), 0, [70, 30, 0, 0]),
        (Keep(only(1, 2)), 2, [0, 30, 70, 0]),
        (Keep(min_share=0.1), 0, [55, 30, 15, 0]),
        (Keep(min_share=0.15), 0, [55, 30, 15, 0]),  # a share of just as much stays
        (Keep(only(3), 0.2), 0, [100, 0, 0, 0]),
        (Keep(min_share=0.9), 0, [100, 0, 0, 0]),
    ],
)
def test_what_is_kept(keep, background, expected):
    assert np.bincount(kept(MASK, keep, background).ravel(), minlength=4).tolist() == expected


def test_without_a_background_the_rest_has_no_class():
    found = kept(MASK, Keep(only(1)), None)
    assert np.unique(found).tolist() == [1, NO_CLASS]


def test_the_background_stands_in_the_card():
    assert background_of(color_card()) == 0
    assert background_of(color_card(decoding={"background": 2})) == 2
    assert background_of(color_card(decoding={"background": None})) is None
    assert background_of(color_card(decoding={"background": 9})) is None


def test_more_classes_than_a_mask_can_hold():
    from dataclasses import replace

    card = replace(color_card(), labels=tuple(f"c{i}" for i in range(256)))
    with pytest.raises(DataError, match="at most 255 classes, got 256"):
        Segmenter(card, color_forward)
