"""Training samples of a detector: an image, augmented, with its anchors matched."""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from dlcli.data.boxes import BoxSet
from dlcli.imaging.drawing.canvas import draw_boxes
from dlcli.imaging.drawing.contact_sheet import Tile
from dlcli.imaging.drawing.fonts.labels import DrawnLabels
from dlcli.imaging.drawing.pen import Pen
from dlcli.ops.anchors import AnchorGrid
from dlcli.ops.boxes import box_iou
from dlcli.ops.matching import BACKGROUND, IGNORED, match_adaptively, match_anchors
from dlcli.records import Boxes
from dlcli.training import augment
from dlcli.training.augment import Sample
from dlcli.training.cache.images import Decode, decoded
from dlcli.training.data import reading_again
from dlcli.training.loaders import Draw
from dlcli.training.turns import Turns


class Targets(NamedTuple):
    """What the anchors of an image should say, or those of a batch, with B before each A.

    classes: int64 [A], a class, BACKGROUND or IGNORED. boxes: float32 xyxy [A, 4], 0 without a class. wanted: float32
    [A], the score that the class should get, 1 for a truth and 0 without a class. unsure: bool [A, C], the classes of
    which nothing is known at this anchor.
    """

    classes: Any
    boxes: Any
    wanted: Any
    unsure: Any


class DetectionSamples(Dataset[tuple[Tensor, ...]]):
    """Draw -> pixels uint8 [3, S, S], then the fields of Targets as tensors.

    An anchor that overlaps a box marked difficult or crowd, and no other, is IGNORED. One that overlaps a box that is
    marked so and has a score, as a teacher's has, learns nothing of that class alone. Other boxes with a score are
    wanted with that score. grid: the anchors, at any input size. thresholds: see match_anchors.
    adaptive: boxes are matched by match_adaptively; thresholds are then of boxes that are not learned.
    zoom: see augment.random_window. turns: flips and rotations. decode: path -> pixels. Indexing raises
    DataError where an image can no longer be read.
    """

    def __init__(
        self,
        data: BoxSet,
        grid: AnchorGrid,
        seed: int,
        thresholds: tuple[float, float] = (0.5, 0.4),
        zoom: tuple[float, float] = (0.4, 1.5),
        adaptive: bool = False,
        turns: Turns = augment.STRAIGHT,
        decode: Decode = decoded,
    ):
        self.data, self.grid, self.seed = data, grid, seed
        self.thresholds, self.zoom, self.adaptive = thresholds, zoom, adaptive
        self.decode = decode
        self.compose = augment.color_and_turns(turns)

    def __len__(self) -> int:
        return len(self.data.items)

    def __getitem__(self, draw: Draw) -> tuple[Tensor, ...]:
        sample = self.augmented(draw)
        grid = self.grid.at(draw.size, draw.size)
        targets = anchor_targets(sample, grid, self.thresholds, len(self.data.labels), self.adaptive)
        pixels = torch.from_numpy(np.ascontiguousarray(sample.pixels.transpose(2, 0, 1)))
        return pixels, *map(torch.from_numpy, targets)

    def augmented(self, draw: Draw) -> Sample:
        """The image as it is seen in this epoch."""
        rng = np.random.default_rng((self.seed, draw.epoch, draw.index))
        size = (draw.size, draw.size)
        first = self.read(draw.index)
        if rng.random() < draw.mosaic:
            others = [self.read(int(i)) for i in rng.integers(len(self), size=3)]
            sample = augment.mosaic(rng, [first, *others], size)
        else:
            sample = augment.take_window(first, augment.random_window(rng, first, self.zoom), size)
        return augment.apply_compose(self.compose, int(rng.integers(2**31)), sample)

    def shown(self, draw: Draw) -> Tile:
        """The sample for people, with its boxes."""
        sample = self.augmented(draw)
        sure = sample.only(~sample.ignore)
        boxes = Boxes(sure.xyxy, np.ones(len(sure.xyxy), np.float32), sure.class_ids)
        labels = self.data.labels
        pixels = draw_boxes(sample.pixels, boxes, labels, Pen(scores=False), DrawnLabels(labels))
        return Tile(pixels, (self.data.items[draw.index].path.name,))

    def read(self, index: int) -> Sample:
        item = self.data.items[index]
        with reading_again():
            pixels = self.decode(item.path)
        boxes = item.target
        scores = np.full(len(boxes.xyxy), np.nan, np.float32) if boxes.scores is None else boxes.scores
        return Sample(pixels, boxes.xyxy, boxes.class_ids, boxes.ignore, scores)


def anchor_targets(
    sample: Sample, grid: AnchorGrid, thresholds: tuple[float, float], classes: int, adaptive: bool = False
) -> Targets:
    """The targets of each anchor, as arrays. classes: how many there are. adaptive: see DetectionSamples."""
    by_class = sample.ignore & ~np.isnan(sample.scores)
    sure, vague = sample.only(~sample.ignore), sample.only(sample.ignore & ~by_class)
    match = match_adaptively(grid, sure.xyxy) if adaptive else match_anchors(grid.xyxy, sure.xyxy, *thresholds)
    near_vague = match_anchors(grid.xyxy, vague.xyxy, *thresholds) != BACKGROUND
    ids, boxes, wanted = match.copy(), np.zeros((len(match), 4), np.float32), np.zeros(len(match), np.float32)
    matched = match >= 0
    ids[matched] = sure.class_ids[match[matched]]
    boxes[matched] = sure.xyxy[match[matched]]
    wanted[matched] = np.nan_to_num(sure.scores, nan=1.0)[match[matched]]
    ids[near_vague & ~matched] = IGNORED
    return Targets(ids, boxes, wanted, _unsure(sample.only(by_class), grid, thresholds[1], classes))


def _unsure(sample: Sample, grid: AnchorGrid, least: float, classes: int) -> np.ndarray:
    """bool [A, C]: the classes of the sample's boxes at the anchors near them: an IoU of `least`, or the best one."""
    unsure = np.zeros((len(grid.xyxy), classes), bool)
    if len(sample.xyxy):
        iou = box_iou(grid.xyxy, sample.xyxy)  # [A, N]
        rows, columns = np.nonzero(iou >= np.minimum(least, iou.max(0)))
        unsure[rows, sample.class_ids[columns]] = True
    return unsure
