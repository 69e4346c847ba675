"""What a task that does not tell its memory is seen to take, by the growth of the program with its first images.

An image is measured, and alone meanwhile, until one of its size was: growth is taken for proportional to pixels only up
to NEAR times as many as were measured. Where the system does not tell the growth, tasks.memory.UNKNOWN stays.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dlcli.batch.memory.process import held, most_held, reset_most_held
from dlcli.tasks.memory import UNKNOWN, MemoryModel

NEAR = 4
ONCE = 16 << 20  # bytes of a growth that would come with an image of any size
MARGIN = 1.25  # of the measured bytes a pixel, for images that compress worse


@dataclass
class Measured:
    """largest: pixels of the largest image that was measured. each: bytes a pixel, at least UNKNOWN."""

    largest: int = 0
    each: float = UNKNOWN

    def covers(self, pixels: int) -> bool:
        """Whether an image of about that size was measured."""
        return pixels <= NEAR * self.largest

    @property
    def model(self) -> MemoryModel:
        return MemoryModel(predict=self.each)

    @contextmanager
    def watching(self, pixels: int) -> Iterator[None]:
        """Around predicting and saving an image of so many pixels, which is alone."""
        if self.covers(pixels):
            yield
            return
        before, was_reset = held(), reset_most_held()
        yield
        if was_reset:
            self.add(pixels, most_held() - before)
        else:
            self.add(pixels, 0)

    def add(self, pixels: int, growth: int) -> None:
        """An image of so many pixels made the program grow by so many bytes."""
        self.each = max(self.each, MARGIN * max(0, growth - ONCE) / max(1, pixels))
        self.largest = max(self.largest, pixels)
