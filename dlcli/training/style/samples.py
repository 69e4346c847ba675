"""What a style model learns from: crops of photographs, the styles, and the photographs in the colors of the styles."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch import Tensor

from dlcli.batch.sources.paths import find_images
from dlcli.errors import DataError, ImageError, UsageError
from dlcli.frozen import dataclass
from dlcli.imaging.reader import read_image
from dlcli.records import Source
from dlcli.style.color import recolor
from dlcli.tasks.style_transfer.colors import Palette
from dlcli.tasks.style_transfer.optimize import to_image
from dlcli.tasks.style_transfer.styles import read_style

LARGEST_ZOOM = 1.7  # the shorter side of a photograph before it is cropped, over the side of the crop
LEAST_SPREAD, TRIES = 2.0, 50  # of the values of a channel, 0 to 255; parts that are drawn for one


@dataclass(frozen=True)
class Batch:
    """contents: float32 [B, 3, S, S] in [0, 1], in the colors of their styles. styles: which of them, B numbers."""

    contents: Tensor
    styles: tuple[int, ...]


@dataclass(frozen=True)
class StyleSamples:
    """photographs: where they are. styles: [1, 3, H, W] each. size: side of a crop. Equal seeds give equal batches."""

    photographs: Sequence[Source]
    styles: Sequence[Tensor]
    size: int
    batch: int
    seed: int

    def draw(self, step: int) -> Batch:
        """The batch of a step, whatever came before. DataError names a bad photograph."""
        dice = random.Random(f"{self.seed}/{step}")
        count = len(self.styles)
        chosen = dice.sample(range(count), min(count, self.batch))
        chosen += [dice.randrange(count) for _ in range(self.batch - len(chosen))]
        crops = [self.crop(dice) for _ in chosen]
        contents = [recolor(crop, self.styles[i]) for crop, i in zip(crops, chosen, strict=True)]
        return Batch(torch.cat(contents).contiguous(memory_format=torch.channels_last), tuple(chosen))

    def crop(self, dice: random.Random) -> Tensor:
        """Part of a photograph, scaled and flipped by chance, other than of one color.

        In such a part is nothing to paint, and the networks, which divide by its spread, have a gradient without limit.
        DataError: TRIES parts in a row are.
        """
        for _ in range(TRIES):
            source = dice.choice(self.photographs)
            pixels = self._part(read_pixels(source), dice)
            if pixels.reshape(-1, 3).std(axis=0).max() >= LEAST_SPREAD:
                return to_image(pixels[:, ::-1] if dice.random() < 0.5 else pixels)
        raise DataError(f"{source.text}: {TRIES} parts of images in a row are of one color; train with photographs")

    def _part(self, pixels: np.ndarray, dice: random.Random) -> np.ndarray:
        """A square of `size`, by chance."""
        short = dice.randint(self.size, int(self.size * LARGEST_ZOOM))
        scale = short / min(pixels.shape[:2])
        height, width = (max(self.size, round(side * scale)) for side in pixels.shape[:2])
        pixels = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
        top, left = dice.randint(0, height - self.size), dice.randint(0, width - self.size)
        return np.asarray(pixels[top : top + self.size, left : left + self.size])


@dataclass(frozen=True)
class StyleBatches:
    """So many steps with them, as plan.Batches has it."""

    samples: StyleSamples
    steps: int

    @property
    def size(self) -> int:
        return self.samples.batch

    def __call__(self, epoch: int, done: int) -> Iterator[Batch]:
        return map(self.samples.draw, range(done, self.steps))


def read_photographs(folder: Path) -> list[Source]:
    """Of a folder and its folders. UsageError: there are none."""
    if not folder.is_dir():
        raise UsageError(f"{folder}: expected a folder of photographs")
    found = find_images([str(folder)], recursive=True)
    for source in found:
        if source.failure is not None:
            raise DataError(source.failure.message.replace("pass --skip-bad", "move it away"))
    return list(found)


def read_styles(names: Sequence[str], side: int) -> tuple[list[str], list[np.ndarray]]:
    """Names as the style model will know them, the files' without suffix, and images uint8 [H, W, 3].

    side: the longer side of the images. UsageError: two have one name. DataError: not an image.
    """
    short = [Path(name).stem for name in names]
    for name in short:
        if short.count(name) > 1:
            raise UsageError(f"--style: two are called {name}; rename a file")
    return short, [_fit(read_style(name), side) for name in names]


def card_styles(names: Sequence[str], images: Sequence[np.ndarray]) -> list[dict[str, Any]]:
    """The styles as a style model's card has them: the name, the mean and the covariance of RGB in [0, 1]."""
    found = []
    for name, pixels in zip(names, images, strict=True):
        palette = Palette.of(pixels)
        mean, covariance = np.round(palette.mean, 5).tolist(), np.round(palette.covariance, 6).tolist()
        found.append({"name": name, "mean": mean, "covariance": covariance})
    return found


def read_pixels(source: Source) -> np.ndarray:
    """uint8 [H, W, 3]. DataError: it cannot be read."""
    try:
        return read_image(source).pixels
    except ImageError as error:
        raise DataError(f"{error}, or take it out of the folder") from error


def _fit(pixels: np.ndarray, side: int) -> np.ndarray:
    scale = side / max(pixels.shape[:2])
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    height, width = (max(1, round(length * scale)) for length in pixels.shape[:2])
    return np.asarray(cv2.resize(pixels, (width, height), interpolation=way))
