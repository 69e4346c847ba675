"""Images and masks move together: windows, stretching, flips and color."""

import cv2
import numpy as np
import pytest

from dlcli.training.augment import Window
from dlcli.training.segment.augment import (
    MaskSample,
    apply_compose,
    color_and_turns,
    inside,
    random_window,
    take_window,
)


def colored(mask):
    """An image whose color says the class: 40 * class in every channel."""
    return MaskSample(np.repeat((mask * 40)[..., None], 3, 2).astype(np.uint8), mask)


def blocks(height=48, width=64):
    """Four classes, one a quarter."""
    mask = np.zeros((height, width), np.uint8)
    mask[: height // 2, width // 2 :] = 1
    mask[height // 2 :, : width // 2] = 2
    mask[height // 2 :, width // 2 :] = 3
    return mask


@pytest.mark.parametrize("window", [Window(0, 0, 64, 48), Window(-16, -8, 96, 64), Window(20, 10, 30, 30)])
def test_a_window_takes_image_and_mask_alike(window):
    """Where the image is far from an edge its color says what the mask says; beyond it: gray, and 255."""
    taken = take_window(colored(blocks()), window, (96, 96))
    assert taken.pixels.shape == (96, 96, 3)
    assert taken.mask.shape == (96, 96)
    outside = taken.mask == 255
    expected = np.where(outside, 127, taken.mask.astype(int) * 40)
    edges = cv2.dilate(cv2.morphologyEx(taken.mask, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)), np.ones((7, 7)))
    assert (np.abs(taken.pixels[..., 0] - expected)[edges == 0] <= 1).all()
    share = 1 - (64 * 48) / (window.width * window.height) if window.x < 0 else 0
    assert outside.mean() == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize("factor", [2, 3])
def test_a_mask_is_not_moved_when_it_shrinks(factor):
    """Each small pixel is the one at the middle of those it stands for, which cv2.INTER_NEAREST would miss."""
    mask = np.arange(36 * 36).reshape(36, 36) % 251
    taken = take_window(colored(mask.astype(np.uint8)), Window(0, 0, 36, 36), (36 // factor,) * 2)
    assert np.array_equal(taken.mask, mask[factor // 2 :: factor, factor // 2 :: factor])


def test_a_window_shows_a_part_of_some_thing():
    """A small object is there in every crop; with nothing but background any window does."""
    mask = np.zeros((60, 80), np.uint8)
    mask[5:11, 70:76] = 1
    sample = colored(mask)
    for seed in range(60):
        window = random_window(np.random.default_rng(seed), sample, (0.3, 0.6), background=0)
        assert (mask[inside(window)] == 1).sum() >= 0.1 * 36
    empty = colored(np.zeros_like(mask))
    found = {random_window(np.random.default_rng(seed), empty, (0.3, 0.6), background=0) for seed in range(9)}
    assert len(found) == 9
    assert all(window.width < 80 for window in found)


def test_a_mask_without_anything_that_counts_has_windows_too():
    window = random_window(np.random.default_rng(0), colored(np.full((40, 40), 255, np.uint8)), (0.5, 0.5), 0)
    assert window.width < 40


def test_flips_move_both_and_colors_leave_the_mask_alone():
    rng = np.random.default_rng(0)
    mask = rng.integers(0, 4, (32, 32), dtype=np.uint8)
    pixels = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
    compose, seen = color_and_turns(), set()
    for seed in range(20):
        out = apply_compose(compose, seed, MaskSample(pixels, mask))
        again = apply_compose(compose, seed, MaskSample(pixels, mask))
        assert np.array_equal(out.pixels, again.pixels)
        flipped = np.array_equal(out.mask, mask[:, ::-1])
        assert flipped or np.array_equal(out.mask, mask)
        source = pixels[:, ::-1] if flipped else pixels
        gray = [image.astype(float).mean(2).ravel() for image in (out.pixels, source)]
        assert np.corrcoef(*gray)[0, 1] > 0.4  # the image is flipped as the mask is
        seen.add(flipped)
    assert seen == {True, False}
