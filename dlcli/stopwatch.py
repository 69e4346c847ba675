"""Where a thread's time goes, stage by stage, for --profile; without a watch nothing is measured. Light."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import StrEnum


class Stage(StrEnum):
    """What time goes to: of a run, and of an image."""

    START = "start-up"
    OPENING = "opening the model"
    IMAGES = "images"
    RECORDS = "records"
    ENDING = "ending"

    READING = "reading"
    DECODING = "decoding"
    PREPARING = "preparing"
    NETWORK = "network"
    RESULTS = "results"
    WRITING = "writing"
    MEMORY = "waiting for memory"


class Stopwatch:
    """Of one thread. seconds: by stage, a stage within another counted for the inner one alone; busy: of those, what
    the thread itself spent on a processor.
    """

    def __init__(
        self, now: Callable[[], float] = time.perf_counter, on_processor: Callable[[], float] = time.thread_time
    ):
        self.seconds: dict[Stage, float] = {}
        self.busy: dict[Stage, float] = {}
        self._now, self._on_processor = now, on_processor
        self._within: list[Stage] = []
        self._since = now(), on_processor()

    @contextmanager
    def stage(self, stage: Stage) -> Iterator[None]:
        """What is done within is of this stage."""
        self._turn()
        self._within.append(stage)
        try:
            yield
        finally:
            self._turn()
            self._within.pop()

    def _turn(self) -> None:
        """What went by since the last turn was of the innermost stage; outside all of them it is left out."""
        before, self._since = self._since, (self._now(), self._on_processor())
        if self._within:
            stage = self._within[-1]
            self.seconds[stage] = self.seconds.get(stage, 0.0) + self._since[0] - before[0]
            self.busy[stage] = self.busy.get(stage, 0.0) + self._since[1] - before[1]


_here = threading.local()
_NOTHING: AbstractContextManager[None] = nullcontext()


def stage(stage: Stage) -> AbstractContextManager[None]:
    """What this thread does within is of this stage, if a watch runs."""
    watch: Stopwatch | None = getattr(_here, "watch", None)
    return _NOTHING if watch is None else watch.stage(stage)


@contextmanager
def running(watch: Stopwatch) -> Iterator[None]:
    """This thread's stages go to `watch` within; those of a watch that ran before go on afterwards."""
    before = getattr(_here, "watch", None)
    _here.watch = watch
    try:
        yield
    finally:
        _here.watch = before
