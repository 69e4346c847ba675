"""Training samples of a classifier: an image as the predictor would see it, cropped, mirrored, its colors moved."""

from dataclasses import replace

import albumentations as A
import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor
from torch.utils.data import Dataset

from dlcli.card import ModelCard
from dlcli.data.classes import ClassSet
from dlcli.frozen import dataclass
from dlcli.imaging.drawing.contact_sheet import Tile
from dlcli.imaging.model_input import placed_for
from dlcli.training import augment
from dlcli.training.augment import Pixels
from dlcli.training.cache.images import Decode, decoded
from dlcli.training.classify.losses import multi_hot
from dlcli.training.classify.options import Augment
from dlcli.training.classify.policies import Policy
from dlcli.training.data import reading_again
from dlcli.training.loaders import Draw
from dlcli.training.turns import Turns

SQUEEZE = 4 / 3  # by how much a crop may change the ratio of the sides, either way


@dataclass(frozen=True)
class Changes:
    """How an image may differ each time it is seen.

    zoom: the smallest crop, a share of each side; 1: no crop. degrees: the largest rotation, either way. color: jitter,
    where `augment` is basic. erase: how often a part is blanked.
    """

    zoom: float = 0.6
    flip: bool = True
    color: bool = True
    degrees: float = 0.0
    augment: Augment = Augment.BASIC
    erase: float = 0.0


class ClassSamples(Dataset[tuple[Tensor, Tensor]]):
    """Draw -> pixels uint8 [3, S, S] and target float32 [C], 1 for each class that the image has.

    card: says how the predictor lays an image into its input. A sample depends on seed, epoch and index alone.
    decode: path -> pixels. Indexing raises DataError where an image can no longer be read.
    """

    def __init__(self, data: ClassSet, card: ModelCard, seed: int, changes: Changes, decode: Decode = decoded):
        self.data, self.card, self.seed, self.changes, self.decode = data, card, seed, changes, decode
        jitter = augment.color() if changes.color and changes.augment is Augment.BASIC else []
        self.compose = A.Compose([*Turns(changes.flip, changes.degrees).transforms(), *jitter])
        self.policy = Policy(changes.augment, changes.erase, card.fill)

    def __len__(self) -> int:
        return len(self.data.items)

    def __getitem__(self, draw: Draw) -> tuple[Tensor, Tensor]:
        rng = np.random.default_rng((self.seed, draw.epoch, draw.index))
        pixels = random_crop(rng, self.card, self.read(draw.index), draw.size, self.changes.zoom)
        self.compose.set_random_seed(int(rng.integers(2**31)))
        pixels = self.compose(image=pixels)["image"]
        target = multi_hot(self.data.items[draw.index].target, len(self.data.labels))
        image = torch.from_numpy(np.ascontiguousarray(pixels.transpose(2, 0, 1)))
        return self.policy(image, rng), target

    def shown(self, draw: Draw) -> Tile:
        """The sample for people, with the names of its classes."""
        image, target = self[draw]
        names = [self.data.labels[number] for number in target.nonzero().ravel().tolist()]
        pixels = np.ascontiguousarray(image.numpy().transpose(1, 2, 0))
        return Tile(pixels, (self.data.items[draw.index].path.name, *([", ".join(names)] if names else [])))

    def read(self, index: int) -> Pixels:
        with reading_again():
            return self.decode(self.data.items[index].path)


def random_crop(rng: Generator, card: ModelCard, pixels: Pixels, size: int, zoom: float) -> Pixels:
    """uint8 [H, W, 3] -> uint8 [size, size, 3]: a window of what the predictor would see at a larger input.

    zoom: the smallest side of the window as a share of the whole. Without a crop it is what the predictor sees.
    """
    width = height = size
    if zoom < 1:
        share = np.exp(rng.uniform(np.log(zoom), 0))
        shape = np.exp(rng.uniform(-np.log(SQUEEZE), np.log(SQUEEZE)) / 2)
        width, height = (max(size, round(size / side)) for side in (share * shape, share / shape))
    inner, _ = placed_for(replace(card, input=(width, height)), pixels)
    x, y = int(rng.integers(width - size + 1)), int(rng.integers(height - size + 1))
    return np.ascontiguousarray(inner[y : y + size, x : x + size], np.uint8)
