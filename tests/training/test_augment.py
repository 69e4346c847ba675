"""Boxes and masks follow their pixels: a bright rectangle is drawn, and found again where its box says."""

import importlib
import os

import albumentations
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcli import training
from dlcli.data.masks import VOID
from dlcli.training import augment
from dlcli.training.augment import Sample, Window
from dlcli.training.segment.augment import MaskSample
from dlcli.training.segment.augment import apply_compose as apply_to_mask
from dlcli.training.turns import GRAY, Turns

BOX = (30, 20, 70, 50)


def bright(width=120, height=90, box=BOX):
    """A black image with one white rectangle."""
    pixels = np.zeros((height, width, 3), np.uint8)
    x1, y1, x2, y2 = box
    pixels[y1:y2, x1:x2] = 255
    return Sample(
        pixels, np.array([box], np.float32), np.array([1], np.int64), np.array([False]), np.array([0.5], np.float32)
    )


def found(pixels, margin=0):
    """The box around what is brighter than the gray fill."""
    rows, columns = (np.flatnonzero((pixels.min(2) > 190).any(axis)) for axis in (1, 0))
    return columns[0], rows[0], columns[-1] + 1, rows[-1] + 1


def no_boxes():
    sample = bright()
    return sample.only(np.array([False]))


@pytest.mark.parametrize(
    "window",
    [
        Window(0, 0, 120, 90),
        Window(20, 10, 60, 60),
        Window(-40, -30, 240, 180),
        Window(40, 0, 80, 45),
        Window(25, 15, 50, 40),
    ],
    ids=["whole", "crop", "expand", "cuts the box", "enlarged"],
)
@pytest.mark.parametrize("size", [(64, 64), (256, 192)])
def test_a_window_moves_the_box_with_its_pixels(window, size):
    taken = augment.take_window(bright(), window, size)
    assert taken.pixels.shape == (size[1], size[0], 3)
    tolerance = 1 + max(size[0] / window.width, size[1] / window.height) / 2  # blur of the resizing
    np.testing.assert_allclose(found(taken.pixels), taken.xyxy[0], atol=tolerance)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_random_windows_keep_the_box_on_its_pixels(seed):
    sample = bright()
    window = augment.random_window(np.random.default_rng(seed), sample, (0.3, 1.5))
    taken = augment.take_window(sample, window, (160, 160))
    assert len(taken.xyxy) == 1, "the only box has its center inside"
    assert (taken.xyxy >= 0).all()
    assert (taken.xyxy <= 160).all()
    tolerance = 1 + 160 / min(window.width, window.height) / 2
    np.testing.assert_allclose(found(taken.pixels), taken.xyxy[0], atol=tolerance)


def test_beyond_the_image_is_gray():
    taken = augment.take_window(bright(), Window(-60, -45, 240, 180), (240, 180))
    assert (taken.pixels[:40] == 127).all()
    assert (taken.pixels[50:60, 70:80] == 0).all()


def test_a_box_whose_center_is_outside_goes():
    taken = augment.take_window(bright(), Window(0, 0, 45, 90), (64, 64))
    assert len(taken.xyxy) == len(taken.class_ids) == len(taken.ignore) == 0


def test_a_box_that_became_a_sliver_goes():
    sample = bright(box=(30, 20, 31, 50))
    assert len(augment.take_window(sample, Window(0, 0, 120, 90), (64, 64)).xyxy) == 0


def test_images_without_boxes_pass():
    rng = np.random.default_rng(0)
    taken = augment.take_window(no_boxes(), augment.random_window(rng, no_boxes(), (0.3, 1.5)), (64, 64))
    mixed = augment.mosaic(rng, [no_boxes()] * 4, (64, 64))
    colored = augment.apply_compose(augment.color_and_turns(), 3, taken)
    for sample in (taken, mixed, colored):
        assert sample.xyxy.shape == (0, 4)
        assert sample.xyxy.dtype == np.float32
        assert sample.pixels.shape == (64, 64, 3)


@pytest.mark.parametrize("seed", range(5))
def test_a_mosaic_holds_four_images_and_their_boxes(seed):
    mixed = augment.mosaic(np.random.default_rng(seed), [bright()] * 4, (320, 320))
    assert len(mixed.xyxy) == 4
    for x1, y1, x2, y2 in mixed.xyxy:
        inner = mixed.pixels[int(y1) + 6 : int(y2) - 6, int(x1) + 6 : int(x2) - 6]
        assert inner.min() > 190, "white to its edges"
    inside = np.zeros((320, 320), bool)
    for x1, y1, x2, y2 in mixed.xyxy:
        inside[max(0, int(y1) - 8) : int(y2) + 8, max(0, int(x1) - 8) : int(x2) + 8] = True
    assert (mixed.pixels.min(2)[~inside] < 190).all(), "nothing white outside"


def test_a_flip_turns_the_boxes():
    flip = albumentations.Compose(
        [albumentations.HorizontalFlip(p=1)],
        bbox_params=albumentations.BboxParams(format="pascal_voc", label_fields=["rows"]),
    )
    flipped = augment.apply_compose(flip, 0, bright())
    np.testing.assert_allclose(flipped.xyxy[0], (120 - 70, 20, 120 - 30, 50), atol=1e-3)
    assert found(flipped.pixels) == (50, 20, 90, 50)


def test_color_and_turns_depend_on_the_seed_alone():
    compose = augment.color_and_turns()
    first = [augment.apply_compose(compose, seed, bright()).pixels for seed in range(6)]
    again = [augment.apply_compose(augment.color_and_turns(), seed, bright()).pixels for seed in reversed(range(6))]
    assert all(np.array_equal(a, b) for a, b in zip(first, reversed(again), strict=True))
    assert len({pixels.tobytes() for pixels in first}) > 2


def test_no_newer_release_is_looked_for(monkeypatch):
    """Albumentations asks the network when it is imported, by whichever file of ours comes first."""
    monkeypatch.delenv("NO_ALBUMENTATIONS_UPDATE")
    importlib.reload(training)
    assert os.environ["NO_ALBUMENTATIONS_UPDATE"] == "1"


SEEDS = range(12)


def turned(turns, seed, sample):
    return augment.apply_compose(
        albumentations.Compose([albumentations.NoOp(), *turns.transforms()], bbox_params=turns.boxes()), seed, sample
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_a_box_is_the_one_around_what_was_turned(seed):
    sample = turned(Turns(flip=True, degrees=40), seed, bright())
    np.testing.assert_allclose(sample.xyxy[0], found(sample.pixels), atol=2)


def test_it_turns_both_ways_and_by_no_more_than_is_asked_for():
    """The corner of a long thin box rises by its length times the angle's sine."""
    heights = [turned(Turns(False, 20), seed, bright(box=(10, 44, 110, 46))).xyxy[0] for seed in range(40)]
    rise = [(y2 - y1 - 2) / 100 for _, y1, _, y2 in heights]
    assert 0.2 < max(rise) <= np.sin(np.radians(20)) + 0.02
    assert min(rise) < 0.1


def test_a_box_that_is_turned_out_of_the_image_goes():
    kept = [len(turned(Turns(False, 180), seed, bright(box=(0, 0, 12, 9))).xyxy) for seed in range(20)]
    assert set(kept) == {0, 1}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_mask_shows_what_the_image_shows_and_nothing_in_the_corners(seed):
    image = bright()
    mask = (image.pixels[..., 0] > 0).astype(np.uint8)
    sample = apply_to_mask(
        albumentations.Compose(Turns(True, 90).transforms(VOID)), seed, MaskSample(image.pixels, mask)
    )
    white, gray = (np.abs(sample.pixels.astype(int) - value).max(2) < 5 for value in (255, GRAY))
    assert sample.mask[white].mean() > 0.97
    assert (sample.mask[gray] == VOID).mean() > 0.9
    assert (sample.mask[sample.pixels.max(2) < 5] == 0).mean() > 0.97


def test_without_flips_and_rotations_nothing_moves():
    for seed in SEEDS:
        sample = turned(Turns(flip=False), seed, bright())
        assert np.array_equal(sample.pixels, bright().pixels)
        np.testing.assert_allclose(sample.xyxy, bright().xyxy, rtol=1e-6)
