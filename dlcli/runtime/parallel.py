"""Work on many things by a few threads, results in the order of the things; the pipeline and evaluation call this."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from enum import Enum
from typing import TypeVar

Thing = TypeVar("Thing")
Outcome = TypeVar("Outcome")


class Barrier(Enum):
    """Among the things: what comes before it is handed on before what comes after it is asked for."""

    HERE = 0


AHEAD = 4  # things a thread that may be done before their turn


def in_order(
    work: Callable[[Thing], Outcome], things: Iterable[Thing | Barrier | None], threads: int
) -> Iterator[tuple[Thing, Outcome]]:
    """Pairs (thing, work(thing)) in the order of `things`; what `work` raises is raised here, at its turn.

    threads: 1 works in this thread. When the caller stops early, what has not begun is dropped. None among the things:
    nothing more is there yet; what is done so far is handed on.
    """
    if threads <= 1:
        yield from ((thing, work(thing)) for thing in things if thing is not None and not isinstance(thing, Barrier))
        return
    pool = ThreadPoolExecutor(threads)
    waiting: deque[tuple[Thing, Future[Outcome]]] = deque()
    try:
        for thing in things:
            most = AHEAD * threads - 1
            if isinstance(thing, Barrier):
                most = 0
            elif thing is not None:
                waiting.append((thing, pool.submit(work, thing)))
            while len(waiting) > most or (waiting and thing is None and waiting[0][1].done()):
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()
    finally:  # after an error nobody waits for the image under way: the program ends
        pool.shutdown(wait=False, cancel_futures=True)
