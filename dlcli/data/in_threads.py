"""Looks at the files of a data set in several threads."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Thing = TypeVar("Thing")
Outcome = TypeVar("Outcome")


def in_threads(look: Callable[[Thing], Outcome], things: Iterable[Thing], threads: int) -> Iterator[Outcome]:
    """look(thing) of each, in order; what it raises is raised here, at its turn. Ctrl-C: KeyboardInterrupt.

    Where Ctrl-C comes between two steps of threading.Condition.wait, the condition's lock is let go twice, and its
    RuntimeError hides the KeyboardInterrupt.
    """
    pool = ThreadPoolExecutor(threads)
    try:
        yield from pool.map(look, things)
    except RuntimeError as error:
        if isinstance(error.__context__, KeyboardInterrupt):
            raise KeyboardInterrupt from None
        raise
    finally:
        pool.shutdown(cancel_futures=True)  # after Ctrl-C too, no waiting for thousands of pictures
