"""Batches that draw from two sets: labeled images, and two views each of as many unlabeled ones."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from torch import Tensor
from torch.utils.data import Dataset

from dlcli.frozen import dataclass
from dlcli.training.loaders import Draw, LabeledBatches, batches


class TwoViews(Dataset[tuple[Tensor, Tensor, int]]):
    """Draw -> pixels uint8 [3, S, S] of two views of one image, and its number.

    one, other: the same images, augmented by different random numbers; each gives (pixels, target) for a Draw.
    """

    def __init__(self, one: Any, other: Any):
        self.one, self.other = one, other

    def __len__(self) -> int:
        return len(self.one)

    def __getitem__(self, draw: Draw) -> tuple[Tensor, Tensor, int]:
        return self.one[draw][0], self.other[draw][0], draw.index


@dataclass(frozen=True)
class TwoSets:
    """plan.Batches: (a labeled batch, a batch of `views`), as many of either. An epoch is one of the labeled set."""

    labeled: LabeledBatches
    views: TwoViews

    @property
    def steps(self) -> int:
        return self.labeled.steps

    @property
    def size(self) -> int:
        return 2 * self.labeled.size

    def __call__(self, epoch: int, done: int) -> Iterator[Any]:
        workers = self.labeled.options.workers
        unlabeled = batches(self.views, self.draws(epoch), self.labeled.size, workers, done)
        return zip(self.labeled(epoch, done), unlabeled, strict=True)

    def draws(self, epoch: int) -> list[Draw]:
        """As many as an epoch takes; over the epochs every image is drawn once before any is drawn again."""
        count, need = len(self.views), self.steps * self.labeled.size
        size = self.labeled.draws(epoch)[0].size
        slots = np.arange(epoch * need, (epoch + 1) * need)
        orders = {n: self._order(n) for n in range(int(slots[0]) // count, int(slots[-1]) // count + 1)}
        return [Draw(int(orders[slot // count][slot % count]), int(slot // count), size) for slot in slots.tolist()]

    def _order(self, time: int) -> np.ndarray:
        return np.random.default_rng((self.labeled.options.seed, time, 1)).permutation(len(self.views))
