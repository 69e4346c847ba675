"""How many decoded pixels may be alive at once, whatever the number of threads and of images."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Condition

LIMIT = 64_000_000  # pixels, or one image


class PixelBudget:
    """Hands out pixels up to a limit; an image larger than the limit waits until it is alone."""

    def __init__(self, limit: int = LIMIT):
        self.limit = limit
        self._used = 0
        self._changed = Condition()

    @contextmanager
    def share(self) -> Iterator[Callable[[int], None]]:
        """A function that takes the pixels of one image, waiting for them; they are given back at the end."""
        held: list[Callable[[], None]] = []

        def admit(pixels: int) -> None:
            if not held:
                held.append(self.take(pixels))

        try:
            yield admit
        finally:
            for give_back in held:
                give_back()

    def take(self, pixels: int) -> Callable[[], None]:
        """Wait for so many; what is returned gives them back, and is to be called once."""
        with self._changed:
            self._changed.wait_for(lambda: self._used == 0 or self._used + pixels <= self.limit)
            self._used += pixels

        def give_back() -> None:
            with self._changed:
                self._used -= pixels
                self._changed.notify_all()

        return give_back
