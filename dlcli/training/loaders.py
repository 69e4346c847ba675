"""Batches in an order that depends on seed and epoch alone, so that a resumed run continues where it was."""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset, Sampler

from dlcli.data.detection_set import DetectionSet
from dlcli.training.samples import Draw


class EpochOrder(Sampler[Draw]):
    """The draws of one epoch, without the first `skip`.

    repeats: float64 [N], how often a picture wants to be drawn; an epoch has N draws whatever it says.
    """

    def __init__(self, repeats: np.ndarray, seed: int, epoch: int, size: int, mosaic: float, skip: int = 0):
        rng = np.random.default_rng((seed, epoch))
        count = len(repeats)
        wanted = repeats * (count / repeats.sum())
        # systematic sampling: each picture the floor or the ceiling of what it wants
        shuffled = rng.permutation(count)
        edges = np.cumsum(wanted[shuffled])
        picked = shuffled[np.minimum(np.searchsorted(edges, np.arange(count) + rng.random()), count - 1)]
        self.draws = [Draw(int(i), epoch, size, mosaic) for i in rng.permutation(picked)[skip:]]

    def __iter__(self) -> Iterator[Draw]:
        return iter(self.draws)

    def __len__(self) -> int:
        return len(self.draws)


def batches(samples: Dataset[Any], order: EpochOrder, batch: int, workers: int) -> DataLoader[Any]:
    """Batches of the order's draws; the last, smaller one is left out unless it is the only one."""
    return DataLoader(
        samples,
        batch_size=min(batch, len(order)) if len(order) else 1,
        sampler=order,
        num_workers=workers,
        drop_last=True,
        prefetch_factor=3 if workers else None,
        worker_init_fn=_one_thread,
    )


def _one_thread(_worker: int) -> None:
    """A worker makes pictures on one thread: the others are the network's."""
    cv2.setNumThreads(1)
    torch.set_num_threads(1)


def repeat_factors(data: DetectionSet, wanted_share: float) -> np.ndarray:
    """Float64 [N]: how often each picture should be drawn so that rare classes are seen (LVIS, arXiv:1908.03195).

    A class in a share f of the pictures asks for max(1, sqrt(wanted_share / f)), a picture for the most that one
    of its classes asks. wanted_share 0: each picture once.
    """
    present = [np.unique(p.class_ids[~p.ignore]) for p in data.pictures]
    counts = np.bincount(np.concatenate([*present, np.zeros(0, np.int64)]), minlength=len(data.labels))
    share = np.maximum(counts, 1) / len(data.pictures)
    asks = np.maximum(1.0, np.sqrt(wanted_share / share))
    return np.array([asks[classes].max() if len(classes) else 1.0 for classes in present])
