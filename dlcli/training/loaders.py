"""Batches in an order that depends on seed and epoch alone, so that a resumed run continues where it was."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from dlcli.errors import DataError, UsageError
from dlcli.frozen import dataclass
from dlcli.signals import start_worker
from dlcli.training.device import training_device
from dlcli.training.options import TrainingOptions


@dataclass(frozen=True)
class Draw:
    """Which image, in which epoch, at which input size: all that a sample depends on, with the seed."""

    index: int
    epoch: int
    size: int
    mosaic: float = 0.0


@dataclass(frozen=True)
class LabeledBatches:
    """The batches of a labeled set, epoch by epoch, as plan.Batches has them.

    samples: a dataset of Draw -> sample.
    repeats: float64 [N], how often each image should be drawn, see epoch_draws.
    mosaic: see Draw; none in the last quarter of the epochs, which looks like what comes later.
    """

    options: TrainingOptions
    samples: Dataset[Any]
    repeats: np.ndarray
    mosaic: float = 0.0

    @property
    def steps(self) -> int:
        return steps_per_epoch(len(self.repeats), int(self.options.batch))

    @property
    def size(self) -> int:
        return batch_size(len(self.repeats), int(self.options.batch))

    def __call__(self, epoch: int, done: int) -> Iterator[Any]:
        return self.part(0, 1)(epoch, done)

    def part(self, number: int, count: int) -> Callable[[int, int], Iterator[Any]]:
        """The same, of each batch only what process `number` of `count` learns from. UsageError: it is not even."""
        share, rest = divmod(self.size, count)
        if rest or not share:
            even = max(self.size - rest, count)
            raise UsageError(f"{count} processes: a batch of {self.size} images cannot be shared; pass --batch {even}")
        pin = training_device(self.options.device).type == "cuda"

        def made(epoch: int, done: int) -> Iterator[Any]:
            draws = self.draws(epoch)[: self.steps * self.size]
            mine = [draw for row, draw in enumerate(draws) if row % self.size // share == number]
            return batches(self.samples, mine, share, self.options.workers, done, pin)

        return made

    def draws(self, epoch: int) -> list[Draw]:
        """The input is smaller in the first half of the epochs, if that is asked for."""
        options = self.options
        small = options.start_size and epoch < options.epochs // 2
        mosaic = self.mosaic if epoch < options.epochs * 3 // 4 else 0.0
        size = options.start_size if small else options.size
        return epoch_draws(self.repeats, options.seed, epoch, size, mosaic)


def epoch_draws(repeats: np.ndarray, seed: int, epoch: int, size: int, mosaic: float = 0.0) -> list[Draw]:
    """The N draws of one epoch, shuffled. size, mosaic: see Draw.

    repeats: float64 [N], above 0: how often each image wants to be drawn. They are scaled to add up to N; each
    image gets the floor or the ceiling of what it then wants (systematic sampling).
    """
    rng = np.random.default_rng((seed, epoch))
    count = len(repeats)
    shuffled = rng.permutation(count)
    edges = np.cumsum(repeats[shuffled] * (count / repeats.sum()))
    picked = shuffled[np.minimum(np.searchsorted(edges, np.arange(count) + rng.random()), count - 1)]
    return [Draw(int(i), epoch, size, mosaic) for i in rng.permutation(picked)]


def batch_size(images: int, batch: int) -> int:
    """What is asked for, or all images where there are fewer."""
    return min(images, batch)


def steps_per_epoch(images: int, batch: int) -> int:
    """Whole batches in an epoch; the rest is left out, other images each time."""
    return images // batch_size(images, batch)


def batches(
    samples: Dataset[Any], draws: Sequence[Draw], batch: int, workers: int, done: int = 0, pin: bool = False
) -> Iterator[Any]:
    """The whole batches of one epoch's draws, without the first `done`.

    workers: processes that make them; what they make does not depend on it. pin: in memory that a GPU copies from
    without waiting. DataError: an image became unreadable.
    """
    batch = batch_size(len(draws), batch)
    cv2.setNumThreads(1)  # OpenCV's threads do not survive a fork, and asked to end there they are waited for for ever
    loader = DataLoader(
        samples,
        batch_size=batch,
        sampler=draws[done * batch : len(draws) // batch * batch],  # type: ignore[arg-type]
        num_workers=workers,
        pin_memory=pin,
        prefetch_factor=3 if workers else None,
        worker_init_fn=_start_worker,
        generator=torch.Generator(),  # else each epoch's loader would move torch's own random numbers
    )
    iterator = iter(loader)
    try:
        yield from iterator
    except DataError as error:  # from a worker it comes with a traceback before the message
        raise DataError(str(error).rpartition("DataError: ")[2].strip()) from None
    finally:
        end = getattr(iterator, "_shutdown_workers", None)  # else they end when a traceback that names it is forgotten
        if end is not None:
            end()


def _start_worker(_worker: int) -> None:
    """A worker makes images on one thread: the others are the network's."""
    torch.set_num_threads(1)
    start_worker()


def repeat_factors(present: Sequence[np.ndarray], classes: int, wanted_share: float) -> np.ndarray:
    """Float64 [N]: how often each image should be drawn so that rare classes are seen (LVIS, arXiv:1908.03195).

    present: for each image the class ids in it, int64, each once. A class in a share f of the images asks for
    max(1, sqrt(wanted_share / f)), an image for the most that one of its classes asks. wanted_share 0: each once.
    """
    counts = np.bincount(np.concatenate([*present, np.zeros(0, np.int64)]), minlength=classes)
    share = np.maximum(counts, 1) / len(present)
    asks = np.maximum(1.0, np.sqrt(wanted_share / share))
    return np.array([asks[ids].max() if len(ids) else 1.0 for ids in present])
