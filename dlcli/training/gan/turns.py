"""Whose turn it is: each batch is learned from twice, by the discriminator, then by the generator."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from dlcli.frozen import dataclass
from dlcli.training.gan.losses import DISCRIMINATOR, GENERATOR
from dlcli.training.loaders import LabeledBatches

TURNS = (DISCRIMINATOR, GENERATOR)


@dataclass(frozen=True)
class InTurn:
    """plan.Batches: (whose turn, pixels uint8 [B, 3, S, S])."""

    images: LabeledBatches

    @property
    def steps(self) -> int:
        return len(TURNS) * self.images.steps

    @property
    def size(self) -> int:
        """An image counts once, though it is seen in both turns."""
        return max(1, self.images.size // len(TURNS))

    def __call__(self, epoch: int, done: int) -> Iterator[Any]:
        return self.part(0, 1)(epoch, done)

    def part(self, number: int, count: int) -> Callable[[int, int], Iterator[Any]]:
        """See LabeledBatches.part."""
        made = self.images.part(number, count)

        def in_turn(epoch: int, done: int) -> Iterator[Any]:
            both = ((turn, batch[0]) for batch in made(epoch, done // len(TURNS)) for turn in TURNS)
            return islice(both, done % len(TURNS), None)

        return in_turn
