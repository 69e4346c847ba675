"""Augmentation of images with boxes: windows (crop, expand, squeeze), mosaics, flips and color.

Every random number comes from a generator seeded by (seed, epoch, index): an image looks the same in epoch 7
whichever worker made it and whether or not the run was interrupted.
"""

from dataclasses import replace
from typing import Any

import albumentations as A
import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from dlcli.frozen import dataclass
from dlcli.training.turns import Turns

STRAIGHT = Turns()  # flips alone
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Sample:
    """pixels: uint8 [H, W, 3] RGB. xyxy: float32 [N, 4]. class_ids: int64 [N]. ignore: bool [N].

    scores: float32 [N], how sure the box is; NaN for a truth.
    """

    pixels: Pixels
    xyxy: NDArray[np.float32]
    class_ids: NDArray[np.int64]
    ignore: NDArray[np.bool_]
    scores: NDArray[np.float32]

    def only(self, keep: NDArray[Any]) -> "Sample":
        """The boxes of these rows: bool [N], or indices."""
        return Sample(self.pixels, self.xyxy[keep], self.class_ids[keep], self.ignore[keep], self.scores[keep])


@dataclass(frozen=True)
class Window:
    """A rectangle over an image, in its whole pixels, at least 1 x 1; it may reach beyond the image's edges."""

    x: int
    y: int
    width: int
    height: int


def whole_window(sample: Sample) -> Window:
    return Window(0, 0, sample.pixels.shape[1], sample.pixels.shape[0])


def random_window(rng: Generator, sample: Sample, zoom: tuple[float, float], squeeze: float = 1.3) -> Window:
    """A window that holds the center of at least one box, where the sample has one; else the whole image.

    zoom: the smallest and largest side of the window as a share of the image's; above 1 the image shrinks
    within a gray margin. squeeze: by how much the sides' ratio may change, either way.
    """
    height, width = sample.pixels.shape[:2]
    for _ in range(10):
        share = np.exp(rng.uniform(np.log(zoom[0]), np.log(zoom[1])))
        shape = np.exp(rng.uniform(-np.log(squeeze), np.log(squeeze)) / 2)
        w, h = max(1, round(width * share * shape)), max(1, round(height * share / shape))
        x = round(rng.uniform(min(0, width - w), max(0, width - w)))
        y = round(rng.uniform(min(0, height - h), max(0, height - h)))
        window = Window(x, y, w, h)
        if len(sample.xyxy) == 0 or centers_inside(sample.xyxy, window).any():
            return window
    return whole_window(sample)


def centers_inside(xyxy: NDArray[np.float32], window: Window) -> NDArray[np.bool_]:
    center = (xyxy[:, :2] + xyxy[:, 2:]) / 2 - (window.x, window.y)
    return np.all((center >= 0) & (center < (window.width, window.height)), axis=1)


def take_window(sample: Sample, window: Window, size: tuple[int, int], fill: int = 127) -> Sample:
    """The window, stretched to size (width, height); what lies beyond the image is gray, `fill`.

    Boxes whose center is outside go, the others are clipped; what is then thinner than 2 pixels goes too.
    """
    width, height = size
    shrinks = window.width * window.height > width * height
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    pixels = np.asarray(cv2.resize(_cut(sample.pixels, window, fill), size, interpolation=method), np.uint8)
    kept = sample.only(centers_inside(sample.xyxy, window))
    scale = np.array([width / window.width, height / window.height] * 2)
    xyxy = (kept.xyxy - np.array([window.x, window.y] * 2)) * scale
    xyxy = np.clip(xyxy, 0, [width, height] * 2).astype(np.float32)
    moved = replace(kept, pixels=pixels, xyxy=xyxy)
    return moved.only((xyxy[:, 2:] - xyxy[:, :2] >= 2).all(1))


def _cut(pixels: Pixels, window: Window, fill: int) -> Pixels:
    height, width = pixels.shape[:2]
    x1, y1, x2, y2 = window.x, window.y, window.x + window.width, window.y + window.height
    inside = pixels[max(y1, 0) : min(y2, height), max(x1, 0) : min(x2, width)]
    margins = max(-y1, 0), max(y2 - height, 0), max(-x1, 0), max(x2 - width, 0)
    if not any(margins):
        return inside
    gray = (fill, fill, fill)
    return np.asarray(cv2.copyMakeBorder(inside, *margins, cv2.BORDER_CONSTANT, value=gray), np.uint8)


def mosaic(rng: Generator, samples: list[Sample], size: tuple[int, int]) -> Sample:
    """Four samples in the four corners around a random point (YOLOv4, arXiv:2004.10934)."""
    width, height = size
    cx, cy = (round(side * rng.uniform(0.35, 0.65)) for side in size)
    corners = ((0, 0, cx, cy), (cx, 0, width, cy), (0, cy, cx, height), (cx, cy, width, height))
    pixels = np.empty((height, width, 3), np.uint8)
    parts = []
    for sample, (x1, y1, x2, y2) in zip(samples, corners, strict=True):
        window = random_window(rng, sample, (0.5, 1.1))
        part = take_window(sample, window, (x2 - x1, y2 - y1))
        pixels[y1:y2, x1:x2] = part.pixels
        parts.append((part, np.array([x1, y1, x1, y1], np.float32)))
    return Sample(
        pixels,
        np.concatenate([part.xyxy + shift for part, shift in parts]),
        np.concatenate([part.class_ids for part, _ in parts]),
        np.concatenate([part.ignore for part, _ in parts]),
        np.concatenate([part.scores for part, _ in parts]),
    )


def color_and_turns(turns: Turns = STRAIGHT) -> A.Compose:
    """Flips and rotations, and color, with boxes."""
    return A.Compose([*turns.transforms(), *color()], bbox_params=turns.boxes())


def color() -> list[A.BasicTransform]:
    """Moves of brightness, contrast, saturation and hue, rarely gray or blurred."""
    return [
        A.ColorJitter(brightness=(0.7, 1.3), contrast=(0.7, 1.3), saturation=(0.6, 1.4), hue=(-0.03, 0.03), p=0.7),
        A.ToGray(p=0.03),
        A.GaussianBlur(blur_limit=(3, 5), p=0.05),
    ]


def apply_compose(compose: A.Compose, seed: int, sample: Sample) -> Sample:
    """The sample after `compose`, whose random numbers start from `seed`."""
    compose.set_random_seed(seed)
    rows = np.arange(len(sample.xyxy))
    out: dict[str, Any] = compose(image=sample.pixels, bboxes=sample.xyxy, rows=rows)
    kept = np.asarray(out["rows"], np.int64)
    xyxy = np.asarray(out["bboxes"], np.float32).reshape(-1, 4)
    return replace(sample.only(kept), pixels=out["image"], xyxy=xyxy)
