"""The time that an image may take: a clock for each thread, and one watchdog that stops networks that run too long.

What can be stopped is stopped: ONNX Runtime looks at the terminate flag of a run before each operator. What cannot,
such as a call of OpenCV, is waited out; `check` behind it then ends the image.
"""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dlcli.errors import ImageError

TIMEOUT = "timeout"  # the kind of the ImageError
_LONGEST_WAIT = threading.TIMEOUT_MAX / 2  # seconds; the system knows no more, but a user may say 1e300


class Deadline:
    """When the image that a thread works on must be done. name: the image, for messages."""

    def __init__(self, seconds: float, name: str):
        self.seconds, self.name = seconds, name
        self.began = time.monotonic()
        self.paused = 0.0  # seconds that do not count

    @property
    def ends(self) -> float:
        """On the clock of time.monotonic, as long as it is not paused again."""
        return self.began + self.paused + self.seconds

    @property
    def taken(self) -> float:
        """Seconds so far, without pauses."""
        return time.monotonic() - self.began - self.paused

    @property
    def is_over(self) -> bool:
        return self.taken >= self.seconds

    def fault(self, what: str, stopped: bool) -> ImageError:
        """The ImageError of an image that took too long; see `check`."""
        taken = f"{self.taken:.1f}" if self.taken >= 1 else f"{self.taken:.2f}"
        when = f"{what}; stopped after {taken} s" if stopped else f"{what}, which had to be waited out: {taken} s"
        return ImageError(
            TIMEOUT,
            f"{self.name}: took longer than the {self.seconds:g} s of --timeout-per-image ({when}); "
            "raise the limit, or make the image smaller",
        )


_here = threading.local()


def current() -> Deadline | None:
    """The deadline of this thread's image; None: it may take as long as it will."""
    return getattr(_here, "deadline", None)


@contextmanager
def time_limit(seconds: float, name: str) -> Iterator[None]:
    """What this thread does within has `seconds` from now; 0: any time, and whatever was set before goes on.

    name: of the image, for messages. ValueError: less than 0, or not a number.
    """
    if not 0 <= seconds < math.inf:
        raise ValueError(f"seconds: expected 0 or more, got {seconds}")
    before = current()
    if seconds:
        _here.deadline = Deadline(seconds, name)
    try:
        yield
    finally:
        _here.deadline = before


@contextmanager
def pause() -> Iterator[None]:
    """What is done within does not count: waiting for memory or for a lock, which is another image's time."""
    deadline, began = current(), time.monotonic()
    try:
        yield
    finally:
        if deadline is not None:
            deadline.paused += time.monotonic() - began


def check(what: str, stopped: bool = False) -> None:
    """ImageError of kind "timeout" if this thread's time is over.

    what: was going on, for the message: "while reading it". stopped: it was cut short, as a loop can be; else it is
    done, and had to be waited out.
    """
    deadline = current()
    if deadline is not None and deadline.is_over:
        raise deadline.fault(what, stopped)


@contextmanager
def watch(options: Any, what: str) -> Iterator[None]:
    """Whatever runs within under these onnxruntime.RunOptions is asked to stop when this thread's time is over.

    ImageError of kind "timeout" if it is over before the start, or if the run ended by an exception after it was
    asked to stop. A run that comes to its end all the same is left alone. what: as for `check`.
    """
    deadline = current()
    if deadline is None:
        yield
        return
    check(what, stopped=True)
    _watchdog.add(options, deadline.ends)
    try:
        yield
    except Exception as error:
        if options.terminate:
            raise deadline.fault(what, stopped=True) from error
        raise
    finally:
        _watchdog.remove(options)


class _Watchdog:
    """One daemon thread for all runs, started by the first that has a deadline; it sleeps until the nearest one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._runs: dict[int, tuple[float, Any]] = {}  # by id: when it must end, its RunOptions
        self._wakes = -math.inf  # when the thread will look again; -inf: as soon as it has started
        self._thread: threading.Thread | None = None

    def add(self, options: Any, ends: float) -> None:
        with self._changed:
            self._runs[id(options)] = ends, options
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="dlcli-deadline", daemon=True)
                self._thread.start()
            elif ends < self._wakes:
                self._changed.notify()

    def remove(self, options: Any) -> None:
        """Afterwards its flag is not touched any more. The thread is not woken: it finds out when it looks."""
        with self._changed:
            self._runs.pop(id(options), None)

    def _look(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for key in [key for key, (ends, _) in self._runs.items() if ends <= now]:
                    self._runs.pop(key)[1].terminate = True
                self._wakes = min((ends for ends, _ in self._runs.values()), default=math.inf)
                self._changed.wait(None if self._wakes == math.inf else min(max(0.0, self._wakes - now), _LONGEST_WAIT))


_watchdog = _Watchdog()
