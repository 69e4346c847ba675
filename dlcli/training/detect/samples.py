"""Training samples of a detector: a picture, augmented, with its anchors matched."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from dlcli.data.boxes import BoxSet
from dlcli.errors import DataError, PictureError
from dlcli.imaging.reader import read_picture
from dlcli.ops.anchors import BACKGROUND, IGNORED, AnchorGrid, match_anchors
from dlcli.records import Source
from dlcli.training import augment
from dlcli.training.augment import Sample


@dataclass(frozen=True)
class Draw:
    """Which picture, in which epoch, at which input size: all that a sample depends on, with the seed."""

    index: int
    epoch: int
    size: int
    mosaic: float = 0.0


class DetectionSamples(Dataset[tuple[Tensor, Tensor, Tensor]]):
    """Draw -> pixels uint8 [3, S, S], class of each anchor int64 [A], box of each anchor float32 xyxy [A, 4].

    The class is one of the labels, BACKGROUND or IGNORED; an anchor that overlaps a box marked difficult or
    crowd, and no other, is IGNORED too. grid: the anchors, at any input size. thresholds: see match_anchors.
    zoom: see augment.random_window. Indexing raises DataError where a picture can no longer be read.
    """

    def __init__(
        self,
        data: BoxSet,
        grid: AnchorGrid,
        seed: int,
        thresholds: tuple[float, float] = (0.5, 0.4),
        zoom: tuple[float, float] = (0.4, 1.5),
    ):
        self.data, self.grid, self.seed = data, grid, seed
        self.thresholds, self.zoom = thresholds, zoom
        self.compose = augment.colour_and_flip()

    def __len__(self) -> int:
        return len(self.data.items)

    def __getitem__(self, draw: Draw) -> tuple[Tensor, Tensor, Tensor]:
        sample = self.augmented(draw)
        classes, boxes = anchor_targets(sample, self.grid.at(draw.size, draw.size), self.thresholds)
        pixels = torch.from_numpy(np.ascontiguousarray(sample.pixels.transpose(2, 0, 1)))
        return pixels, torch.from_numpy(classes), torch.from_numpy(boxes)

    def augmented(self, draw: Draw) -> Sample:
        """The picture as it is seen in this epoch."""
        rng = np.random.default_rng((self.seed, draw.epoch, draw.index))
        size = (draw.size, draw.size)
        first = self.read(draw.index)
        if rng.random() < draw.mosaic:
            others = [self.read(int(i)) for i in rng.integers(len(self), size=3)]
            sample = augment.mosaic(rng, [first, *others], size)
        else:
            sample = augment.take_window(first, augment.random_window(rng, first, self.zoom), size)
        return augment.apply_compose(self.compose, int(rng.integers(2**31)), sample)

    def read(self, index: int) -> Sample:
        item = self.data.items[index]
        try:
            pixels = read_picture(Source.of_file(item.path)).pixels
        except PictureError as error:
            raise DataError(f"{error}; it was readable when the training began") from error
        return Sample(pixels, item.target.xyxy, item.target.class_ids, item.target.ignore)


def anchor_targets(
    sample: Sample, grid: AnchorGrid, thresholds: tuple[float, float]
) -> tuple["np.ndarray", "np.ndarray"]:
    """Class int64 [A] and box float32 xyxy [A, 4] of each anchor; boxes of anchors without one are 0."""
    sure = sample.only(~sample.ignore)
    match = match_anchors(grid.xyxy, sure.xyxy, *thresholds)
    near_ignored = match_anchors(grid.xyxy, sample.xyxy[sample.ignore], *thresholds) != BACKGROUND
    classes, boxes = match.copy(), np.zeros((len(match), 4), np.float32)
    matched = match >= 0
    classes[matched] = sure.class_ids[match[matched]]
    boxes[matched] = sure.xyxy[match[matched]]
    classes[near_ignored & ~matched] = IGNORED
    return classes, boxes
