"""Augmentation of images with their masks: windows (crop, expand, squeeze), flips, rotations and color."""

from typing import Any

import albumentations as A
import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from dlcli.data.masks import VOID
from dlcli.frozen import dataclass
from dlcli.training import augment
from dlcli.training.augment import STRAIGHT, Pixels, Sample, Window
from dlcli.training.turns import Turns

LEAST_SEEN = 0.1  # share of a class's pixels that a window must show
SQUEEZE = 1.4  # by how much the sides' ratio may change, either way


@dataclass(frozen=True)
class MaskSample:
    """pixels: uint8 [H, W, 3] RGB. mask: uint8 [H, W], a class or VOID."""

    pixels: Pixels
    mask: NDArray[np.uint8]


def random_window(rng: Generator, sample: MaskSample, zoom: tuple[float, float], background: int | None) -> Window:
    """A window that shows LEAST_SEEN or more of one class, drawn among those of the image; else the whole image.

    zoom: see augment.random_window. background: the class that is only drawn where there is no other.
    """
    held = np.flatnonzero(np.bincount(sample.mask.ravel(), minlength=VOID + 1)[:VOID])
    things = held[held != background]
    image = without_boxes(sample.pixels)
    if not len(held):
        return augment.random_window(rng, image, zoom, SQUEEZE)
    wanted = sample.mask == rng.choice(things if len(things) else held)
    least = max(1.0, LEAST_SEEN * np.count_nonzero(wanted))
    for _ in range(10):
        window = augment.random_window(rng, image, zoom, SQUEEZE)
        if np.count_nonzero(wanted[inside(window)]) >= least:
            return window
    return augment.whole_window(image)


def take_window(sample: MaskSample, window: Window, size: tuple[int, int]) -> MaskSample:
    """The window, stretched to size (width, height); beyond the image it is gray, and VOID in the mask."""
    pixels = augment.take_window(without_boxes(sample.pixels), window, size).pixels
    cut = np.full((window.height, window.width), VOID, np.uint8)
    part = sample.mask[inside(window)]
    top, left = max(0, -window.y), max(0, -window.x)
    cut[top : top + part.shape[0], left : left + part.shape[1]] = part
    mask = cv2.resize(cut, size, interpolation=cv2.INTER_NEAREST_EXACT)  # INTER_NEAREST would move it half a pixel
    return MaskSample(pixels, np.asarray(mask, np.uint8))


def color_and_turns(turns: Turns = STRAIGHT) -> A.Compose:
    """Flips and rotations, and moves of brightness, contrast, saturation and hue, rarely gray or blurred."""
    return A.Compose(
        [
            *turns.transforms(VOID),
            A.ColorJitter(brightness=(0.6, 1.4), contrast=(0.6, 1.4), saturation=(0.5, 1.5), hue=(-0.05, 0.05), p=0.8),
            A.ToGray(p=0.05),
            A.GaussianBlur(blur_limit=(3, 5), p=0.08),
        ]
    )


def apply_compose(compose: A.Compose, seed: int, sample: MaskSample) -> MaskSample:
    """The sample after `compose`, whose random numbers start from `seed`."""
    compose.set_random_seed(seed)
    out: dict[str, Any] = compose(image=sample.pixels, mask=sample.mask)
    return MaskSample(out["image"], out["mask"])


def inside(window: Window) -> tuple[slice, slice]:
    """The rows and columns of the image that the window shows."""
    rows = slice(max(0, window.y), max(0, window.y + window.height))
    return rows, slice(max(0, window.x), max(0, window.x + window.width))


def without_boxes(pixels: Pixels) -> Sample:
    """The image for what works on images with boxes."""
    none = np.zeros(0, np.int64)
    return Sample(pixels, np.zeros((0, 4), np.float32), none, none.astype(bool), none.astype(np.float32))
