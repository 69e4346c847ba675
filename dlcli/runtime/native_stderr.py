"""What C libraries print on file descriptor 2: kept from the user, and heard by the reader.

libjpeg reports damage in one way only, a nameless line on descriptor 2. `private_stderr`, entered once by the command
line, points that descriptor at a private file and leaves Python's own `sys.stderr` on the true one. `listen` then
tells which piece of work made the noise, from any number of threads.
"""

import fcntl
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Condition
from typing import IO, TypeVar

T = TypeVar("T")


@contextmanager
def private_stderr() -> Iterator[None]:
    """While inside, native chatter goes to a private file and `sys.stderr` still reaches the true standard error.

    Enter it once, from the main thread, before any Console or log handler takes hold of `sys.stderr`, and pass
    `stderr=sys.stderr` to child processes whose messages matter. Entering it again inside changes nothing.
    """
    global _sink
    if _sink is not None:
        yield
        return
    _flush(sys.stderr)
    true_descriptor = _duplicate(2)
    python_stderr, sys.stderr = sys.stderr, _text_stream(true_descriptor)
    _sink = _private_file()
    if _sink is not None:
        os.dup2(_sink, 2)
    try:
        yield
    finally:
        sink, _sink = _sink, None
        _restore(true_descriptor)
        if sink is not None:
            os.close(sink)
        ours, sys.stderr = sys.stderr, python_stderr
        _close(ours)


def _private_file() -> int | None:
    """A descriptor of a file that nobody else sees, in memory where the system can; None where there is no room."""
    try:
        low = os.memfd_create("dlcli-noise")
    except (AttributeError, OSError):
        try:
            with tempfile.TemporaryFile(prefix="dlcli-noise-") as file:
                low = os.dup(file.fileno())
        except OSError:
            return None
    high = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, 10)  # never 0, 1 or 2, which may have been closed
    os.close(low)
    return high


def capture(work: Callable[[], T]) -> tuple[T, str]:
    """Do `work` and return its result with what native code printed on descriptor 2 meanwhile.

    Without `private_stderr` around it the text is always "" and any noise reaches the user. `work` must be safe to
    repeat: if the file grew while it ran, several threads may be to blame, so it is done once more with every other
    `listen` waiting. Noise of native code that runs outside `listen` can still be mixed in; look for known lines.
    """
    if _sink is None:
        return work(), ""
    with _gate.shared():
        before = _size(_sink)
        result = work()
        if _size(_sink) == before:
            return result, ""
    with _gate.alone():
        os.ftruncate(_sink, 0)
        os.lseek(_sink, 0, os.SEEK_SET)  # descriptor 2 shares this position
        result = work()
        return result, os.pread(_sink, 65536, 0).decode("utf-8", "replace")


class _Gate:
    """Many may pass together, or one alone; who waits to be alone goes before newcomers."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._inside = 0
        self._waiting = 0

    @contextmanager
    def shared(self) -> Iterator[None]:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting == 0)
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    @contextmanager
    def alone(self) -> Iterator[None]:
        with self._changed:
            self._waiting += 1
            try:
                self._changed.wait_for(lambda: self._inside == 0)
                yield
            finally:
                self._waiting -= 1
                self._changed.notify_all()


_gate = _Gate()
_sink: int | None = None


def _size(descriptor: int) -> int:
    return os.fstat(descriptor).st_size


def _duplicate(descriptor: int) -> int | None:
    try:
        return os.dup(descriptor)
    except OSError:  # the program was started with descriptor 2 closed
        return None


def _text_stream(descriptor: int | None) -> "IO[str] | None":
    if descriptor is None:
        return None
    old = sys.stderr
    encoding, errors = getattr(old, "encoding", None) or "utf-8", getattr(old, "errors", None) or "backslashreplace"
    return os.fdopen(os.dup(descriptor), "w", buffering=1, encoding=encoding, errors=errors)


def _restore(true_descriptor: int | None) -> None:
    if true_descriptor is None:
        with suppress(OSError):
            os.close(2)
    else:
        os.dup2(true_descriptor, 2)
        os.close(true_descriptor)


def _close(stream: "IO[str] | None") -> None:
    with suppress(AttributeError, OSError, ValueError):  # a reader that has gone away is no news here
        if stream is not None:
            stream.close()


def _flush(stream: "IO[str] | None") -> None:
    with suppress(AttributeError, OSError, ValueError):
        if stream is not None:
            stream.flush()
