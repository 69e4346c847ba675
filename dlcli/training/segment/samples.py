"""Training samples of a segmenter: an image with its mask, augmented."""

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from dlcli.data.mask_file import read_mask
from dlcli.data.masks import BACKGROUND, MaskSet
from dlcli.imaging.drawing.contact_sheet import Tile
from dlcli.imaging.drawing.mask_sheet import draw_truth
from dlcli.training.augment import STRAIGHT
from dlcli.training.cache.images import Decode, decoded
from dlcli.training.data import reading_again
from dlcli.training.loaders import Draw
from dlcli.training.segment import augment
from dlcli.training.segment.augment import MaskSample
from dlcli.training.turns import Turns


class MaskSamples(Dataset[tuple[Tensor, Tensor]]):
    """Draw -> pixels uint8 [3, S, S] and mask uint8 [S, S] of classes or VOID.

    A sample depends on seed, epoch and index alone. zoom: see augment.random_window. turns: flips and rotations.
    decode: path -> pixels.
    Indexing raises DataError where an image or mask can no longer be read.
    """

    def __init__(
        self,
        data: MaskSet,
        seed: int,
        zoom: tuple[float, float] = (0.45, 1.3),
        turns: Turns = STRAIGHT,
        decode: Decode = decoded,
    ):
        self.data, self.seed, self.zoom, self.decode = data, seed, zoom, decode
        self.background = data.labels.index(BACKGROUND) if BACKGROUND in data.labels else None
        self.compose = augment.color_and_turns(turns)

    def __len__(self) -> int:
        return len(self.data.items)

    def __getitem__(self, draw: Draw) -> tuple[Tensor, Tensor]:
        sample = self.augmented(draw)
        pixels = torch.from_numpy(np.ascontiguousarray(sample.pixels.transpose(2, 0, 1)))
        return pixels, torch.from_numpy(np.ascontiguousarray(sample.mask))

    def augmented(self, draw: Draw) -> MaskSample:
        """The image as it is seen in this epoch."""
        rng = np.random.default_rng((self.seed, draw.epoch, draw.index))
        first = self.read(draw.index)
        window = augment.random_window(rng, first, self.zoom, self.background)
        sample = augment.take_window(first, window, (draw.size, draw.size))
        return augment.apply_compose(self.compose, int(rng.integers(2**31)), sample)

    def shown(self, draw: Draw) -> Tile:
        """The sample for people, with its mask; void is gray."""
        sample = self.augmented(draw)
        pixels = draw_truth(sample.pixels, sample.mask, self.data.labels, self.background)
        return Tile(pixels, (self.data.items[draw.index].path.name,))

    def read(self, index: int) -> MaskSample:
        item = self.data.items[index]
        with reading_again():
            return MaskSample(self.decode(item.path), read_mask(item))
