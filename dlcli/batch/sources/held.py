"""Content of an archive's member or of an object elsewhere: fetched once, ahead of its turn, let go after it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

from dlcli.batch.sources.addresses import is_address
from dlcli.records import Source
from dlcli.runtime.parallel import Barrier

READERS = 8  # objects that are fetched at a time
AHEAD = 16  # of which so many are there before their turn


class Held:
    """Gives the bytes as often as they are asked for until it is closed, and reads them once. For one thread."""

    def __init__(self, read: Callable[[], bytes]):
        self.read = read
        self.coming: Future[bytes] | None = None
        self.data: bytes | None = None

    def begin(self, pool: ThreadPoolExecutor) -> None:
        self.coming = pool.submit(self.read)

    def __call__(self) -> bytes:
        if self.data is None:
            self.data = self.read() if self.coming is None else self.coming.result()
        return self.data

    def close(self) -> None:
        """Let the bytes go; what asks again has them read again."""
        self.data = self.coming = None


Thing = Source | Barrier | None


def held(sources: Iterable[Thing], ahead: bool = True) -> Iterator[Thing]:
    """The same sources, those that have stored content with it held; ahead: objects elsewhere are fetched early."""
    pool: ThreadPoolExecutor | None = None
    waiting: deque[Thing] = deque()
    try:
        for thing in sources:
            if isinstance(thing, Source) and thing.stored is not None and thing.failure is None:
                content = Held(thing.stored)
                thing = replace(thing, stored=content)
                if ahead and is_address(thing.name):
                    pool = pool or ThreadPoolExecutor(READERS, "fetch")
                    content.begin(pool)
            waiting.append(thing)
            room = 0 if pool is None or thing is None else AHEAD
            while len(waiting) > room:
                yield waiting.popleft()
        yield from waiting
    finally:
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


def let_go(source: Source) -> None:
    """Of a source that has had its turn."""
    if isinstance(source.stored, Held):
        source.stored.close()
