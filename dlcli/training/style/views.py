"""Views of paintings: squares at many scales, some in colors that nobody painted with, so that styles abound."""

import random

import cv2
import numpy as np

SMALLEST_PART = 0.4  # of the shorter side, that a view shows
RECOLORED = 0.5  # of the views
GRAY = 0.08  # of the views: engravings and drawings are asked for more often than painted
INVERTED = 0.1  # of those
GAIN, SHIFT = (0.6, 1.3), 0.15  # of a channel around its mean; of values in [0, 1]


def random_view(pixels: np.ndarray, side: int, dice: random.Random) -> np.ndarray:
    """A square of a painting uint8 [H, W, 3] -> uint8 [side, side, 3], flipped, turned, gray or recolored."""
    height, width = pixels.shape[:2]
    part = round(min(height, width) * dice.uniform(SMALLEST_PART, 1))
    top, left = dice.randint(0, height - part), dice.randint(0, width - part)
    view = pixels[top : top + part, left : left + part]
    view = cv2.resize(view, (side, side), interpolation=cv2.INTER_AREA if part > side else cv2.INTER_CUBIC)
    if dice.random() < 0.5:
        view = view[:, ::-1]
    if dice.random() < 0.2:
        view = view.transpose(1, 0, 2)
    if dice.random() < GRAY:
        return np.repeat(cv2.cvtColor(np.ascontiguousarray(view), cv2.COLOR_RGB2GRAY)[:, :, None], 3, 2)
    return random_palette(view, dice) if dice.random() < RECOLORED else np.ascontiguousarray(view)


def random_palette(pixels: np.ndarray, dice: random.Random) -> np.ndarray:
    """Its channels exchanged, now and then inverted, each with another contrast and brightness; uint8 [H, W, 3]."""
    values = pixels[:, :, dice.sample(range(3), 3)].astype(np.float32) / 255
    if dice.random() < INVERTED:
        values = 1 - values
    mean = values.mean((0, 1))
    gains = np.array([dice.uniform(*GAIN) for _ in range(3)], np.float32)
    shifts = np.array([dice.uniform(-SHIFT, SHIFT) for _ in range(3)], np.float32)
    moved = (values - mean) * gains + mean + shifts
    return np.asarray(np.rint(moved.clip(0, 1) * 255).astype(np.uint8))
