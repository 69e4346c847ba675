"""--profile: where the milliseconds of a run went, by stage and by image, on standard error when it is done."""

import heapq
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock

from dlcli.batch.image import Outcome
from dlcli.console import Console
from dlcli.messages import as_text, plural
from dlcli.records import Source
from dlcli.stopwatch import Stage, Stopwatch, running

SLOWEST = 3  # images that are named
OF_RUN = (Stage.START, Stage.OPENING, Stage.IMAGES, Stage.ENDING)
OF_IMAGE = (
    *(Stage.READING, Stage.DECODING, Stage.PREPARING, Stage.NETWORK, Stage.RESULTS, Stage.WRITING),
    Stage.MEMORY,
)
IDLE = "waiting for work"


@dataclass
class Totals:
    """Of all images, in seconds by stage. slowest: (seconds, place in the run, name, by stage) of a few, as a heap."""

    images: int = 0
    seconds: Counter[Stage] = field(default_factory=Counter)
    busy: Counter[Stage] = field(default_factory=Counter)
    longest: dict[Stage, float] = field(default_factory=dict)
    slowest: list[tuple[float, int, str, Mapping[Stage, float]]] = field(default_factory=list)

    def add(self, name: str, watch: Stopwatch) -> None:
        self.images += 1
        self.seconds.update(watch.seconds)
        self.busy.update(watch.busy)
        for stage, seconds in watch.seconds.items():
            self.longest[stage] = max(seconds, self.longest.get(stage, 0.0))
        heapq.heappush(self.slowest, (sum(watch.seconds.values()), -self.images, name, watch.seconds))
        if len(self.slowest) > SLOWEST:
            heapq.heappop(self.slowest)


class Profile:
    """workers: threads that images go on. main: of the thread that the run is in."""

    def __init__(self) -> None:
        self.workers = 1
        self.main, self.totals = Stopwatch(), Totals()
        self._lock = Lock()

    def timed(self, process: Callable[[Source], Outcome]) -> Callable[[Source], Outcome]:
        """`process` with a watch of its own for each image, in whichever thread."""

        def measured(source: Source) -> Outcome:
            watch = Stopwatch()
            with running(watch):
                done = process(source)
            with self._lock:
                self.totals.add(as_text(source.text), watch)
            return done

        return measured

    def lines(self) -> Iterator[str]:
        """What people read."""
        of_run = self.main.seconds
        images = of_run.get(Stage.IMAGES, 0.0) + of_run.get(Stage.RECORDS, 0.0)
        parts = {stage: images if stage is Stage.IMAGES else of_run.get(stage, 0.0) for stage in OF_RUN}
        listed = ", ".join(f"{stage} {_ms(seconds)}" for stage, seconds in parts.items())
        yield f"profile: {_ms(sum(parts.values()))} ms: {listed}"
        if self.totals.images:
            yield from self._table(images * self.workers)
            yield from self._slowest()

    def _table(self, given: float) -> Iterator[str]:
        """given: seconds that the workers had together."""
        totals, records, alone = self.totals, self.main.seconds.get(Stage.RECORDS, 0.0), self.workers == 1
        yield f"profile: {plural(totals.images, 'image')} by {plural(self.workers, 'worker')}, in {_ms(given)} ms"
        yield _row("", "ms", "an image", "longest", "on a processor")
        for stage in OF_IMAGE:
            seconds = totals.seconds[stage]
            if seconds:
                yield _row(stage, *self._cells(seconds), f"{1000 * totals.longest[stage]:.1f}", _ms(totals.busy[stage]))
        written = _row(Stage.RECORDS, *self._cells(records), "", _ms(self.main.busy.get(Stage.RECORDS, 0.0)))
        idle = given - sum(totals.seconds.values()) - records * alone  # one worker is the thread that writes records
        yield written if alone else f"{written}  (meanwhile, by the thread of the run)"
        yield _row(IDLE, *self._cells(max(0.0, idle)))

    def _slowest(self) -> Iterator[str]:
        for total, _, name, by_stage in sorted(self.totals.slowest, reverse=True):
            listed = sorted(by_stage.items(), key=lambda item: -item[1])
            parts = ", ".join(f"{stage} {1000 * seconds:.1f}" for stage, seconds in listed)
            yield f"profile: {name}: {1000 * total:.1f} ms: {parts}"

    def _cells(self, seconds: float) -> tuple[str, str]:
        return _ms(seconds), f"{1000 * seconds / self.totals.images:.2f}"


@contextmanager
def profiled(wanted: bool, console: Console) -> Iterator[Profile | None]:
    """The profile of the run within, told at its end; None, and nothing is measured, where it is not wanted."""
    if not wanted:
        yield None
        return
    profile = Profile()
    profile.main.seconds[Stage.START] = seconds_so_far()
    with running(profile.main):
        yield profile
    for line in profile.lines():
        console.error(line, "")


def seconds_so_far() -> float:
    """Since this process began; where the system does not tell, the processor time that it has used."""
    try:
        with open("/proc/self/stat", "rb") as file:
            ticks = int(file.read().rpartition(b")")[2].split()[19])  # proc(5): starttime, the 22nd field
        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, AttributeError, IndexError):
        return time.process_time()


def _row(first: str, *more: str) -> str:
    widths = (10, 10, 10, 16)
    return "  " + first.ljust(20) + "".join(cell.rjust(width) for cell, width in zip(more, widths, strict=False))


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:,.0f}"
