"""Looks at the files of a data set in several threads."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")
Outcome = TypeVar("Outcome")


def in_threads(look: Callable[[Thing], Outcome], things: Iterable[Thing], threads: int) -> Iterator[Outcome]:
    """look(thing) of each, in order; what it raises is raised here, at its turn."""
    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(look, things)
    finally:
        pool.shutdown(cancel_futures=True)  # after an error no waiting for thousands of images
