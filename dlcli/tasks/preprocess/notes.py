"""What could not be kept, a line a reason and not an image, gathered from several threads."""

from collections import Counter
from threading import Lock


class Notes:
    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = Lock()

    def add(self, reason: str) -> None:
        """Of one image."""
        with self._lock:
            self._counts[reason] += 1

    def lines(self) -> tuple[str, ...]:
        """In the order of the alphabet, so that equal runs say the same."""
        return tuple(
            f"{reason} ({count:,} image{'s' * (count != 1)})" for reason, count in sorted(self._counts.items())
        )
