"""SIGINT, SIGTERM and SIGHUP: the one place that hears them, from the first line of the program to its end.

A thread of its own gets them; every other one has them blocked, as worker processes do from their first moment on. So
neither an import nor a model in native code on the main thread delays one, and no exception comes out of the blue:
nothing is printed but one sentence. The
first signal lets what is being written become whole (`unbroken`), does what must be done last (`at_stop`), says how
far the work came, and ends the program; in `listen` it is only noted. A second one ends the program at once. A signal
that the caller had ignored stays ignored: Ctrl-C is not for a job in the background of a script, nor SIGHUP for
one under nohup.

Until `take_over`, as in a library, signals are as Python has them, and all the rest here does nothing.
"""

import _thread
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress

from dlcli.errors import ExitCode, InterruptedRunError

TYPE_CHECKING = False  # typing's own would load typing, before signals are heard
if TYPE_CHECKING:
    from typing import Any, TypeVar

    Made = TypeVar("Made")

HEARD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE = 2.0  # seconds that what is being written has to become whole
LIMIT = 10.0  # seconds from the signal to the end, if a stream takes nothing more
_PR_SET_PDEATHSIG = 1  # <sys/prctl.h>
_SHOW_CURSOR = "\x1b[?25h"  # which a progress bar hides

LastThing = Callable[[str], str | None]


class StopRequest:
    """Which signal came, 0 for none."""

    def __init__(self) -> None:
        self.signal = 0

    def raise_if_any(self, kept: str) -> None:
        """InterruptedRunError, with the exit code of the signal, if one came. kept: its sentence."""
        if self.signal:
            raise InterruptedRunError(kept, exit_code(self.signal))


_came: list[int] = []
_listening: list[StopRequest] = []
_last_things: list[LastThing] = []
_door = _thread.allocate_lock()  # to pieces of work that should be whole; shut for good when the program ends
_inside: set[int] = set()  # threads that are at such a piece
_over = False


def exit_code(number: int) -> ExitCode:
    return ExitCode.INTERRUPTED if number == signal.SIGINT else ExitCode.TERMINATED


def take_over() -> None:
    """From now on signals are heard as this file says. Called once, on the main thread, before anything is loaded."""
    heard = [number for number in HEARD if signal.getsignal(number) not in (signal.SIG_IGN, _nothing)]
    if not heard:
        return
    numbers, wakeup = os.pipe()
    os.set_blocking(wakeup, False)
    signal.set_wakeup_fd(wakeup, warn_on_full_buffer=False)  # whichever thread gets one
    for number in heard:
        signal.signal(number, _nothing)
    signal.pthread_sigmask(signal.SIG_BLOCK, heard)
    _thread.start_new_thread(_wait, (heard, numbers))


def leave() -> None:
    """The exit code stands and all is said: from now on a signal ends the program at once, without a word."""
    global _over
    with _door:
        _over = True


@contextmanager
def unbroken() -> Iterator[None]:
    """A short piece of work, such as writing a file, that a first signal waits for. Where one came, it never begins."""
    me = _thread.get_ident()
    if me in _inside:
        yield
        return
    with _door:
        _inside.add(me)
    try:
        yield
    finally:
        _inside.discard(me)


@contextmanager
def at_stop(do: LastThing) -> Iterator[None]:
    """Within, a signal that ends the program calls `do` first, on a thread of its own; the innermost one comes first.

    do: is given "interrupted" or "terminated"; returns the sentence to say, of which the innermost counts, or None.
    """
    _last_things.append(do)
    try:
        yield
    finally:
        _last_things.remove(do)


@contextmanager
def gone_at_stop(make: "Callable[[], Made]") -> "Iterator[Made]":
    """What `make` makes: the path of a file or folder, or a descriptor and a path, as tempfile.mkstemp does.

    A signal that ends the program removes it first, and does not come between.
    """
    with ExitStack() as stack:
        with unbroken():
            made = make()
            path: Any = made[1] if isinstance(made, tuple) else made
            stack.enter_context(at_stop(lambda _: _remove(path)))
        yield made


def start_listening() -> StopRequest:
    """From now on the first signal is only noted here."""
    request = StopRequest()
    _listening.append(request)
    return request


@contextmanager
def listen() -> Iterator[StopRequest]:
    """`start_listening`, for what is done within."""
    request = start_listening()
    try:
        yield request
    finally:
        _listening.remove(request)


@contextmanager
def end_at_once(do: LastThing) -> Iterator[None]:
    """Within `listen`, where noting would not do for long: a signal ends the program, as `at_stop` says."""
    global _listening
    before, _listening = _listening, []
    try:
        with at_stop(do):
            yield
    finally:
        _listening = before


def start_worker() -> None:
    """In a process that works for this one: signals to the group are for this one to hear; it ends with this one.

    SIGTERM from this one itself, as `Process.terminate` sends it, ends it.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)  # as it is since the fork, if `take_over` was called
    if hasattr(signal, "sigwaitinfo"):
        _thread.start_new_thread(_wait_for_parent, (os.getppid(),))
    with suppress(ImportError, OSError, AttributeError):  # Linux alone can; elsewhere torch's workers look now and then
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL))


def arrive(number: int) -> None:
    """What the first signal does."""
    if _listening:
        _listening[-1].signal = number
        return
    code = exit_code(number)
    try:
        _thread.start_new_thread(_give_up, (code,))
        _shut_door()
        if not _over:
            _tell(_do_last_things("interrupted" if code == ExitCode.INTERRUPTED else "terminated"))
    finally:
        os._exit(code)


def _nothing(_number: int, _frame: object) -> None:
    """What the main thread does; `_wait` does the rest."""


def _wait(heard: Sequence[int], numbers: int) -> None:
    """numbers: a descriptor that Python writes the number of each signal to, those of others too."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, heard)
    while True:
        for number in os.read(numbers, 64):
            if number in heard:
                _hear(number)


def _wait_for_parent(parent: int) -> None:
    """In a worker: SIGTERM ends it if this process sent it, and else is as if it had not come."""
    while signal.sigwaitinfo({signal.SIGTERM}).si_pid != parent:
        pass
    os._exit(exit_code(signal.SIGTERM))


def _hear(number: int) -> None:
    _came.append(number)
    if len(_came) > 1:
        _show_cursor()
        os._exit(exit_code(number))
    try:
        _thread.start_new_thread(arrive, (number,))
    except RuntimeError:  # no thread to be had
        os._exit(exit_code(number))


def _give_up(code: int) -> None:
    time.sleep(LIMIT)
    os._exit(code)


def _shut_door() -> None:
    """What is being written becomes whole, and nothing more is begun."""
    until = time.monotonic() + PATIENCE
    _door.acquire()
    mine = {_thread.get_ident()}
    while _inside - mine and time.monotonic() < until:
        time.sleep(0.002)
    _inside.update(mine)


def _remove(path: str | os.PathLike[str]) -> None:
    import shutil

    if os.path.isdir(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        os.unlink(path)


def _do_last_things(word: str) -> str:
    said = [_tried(do, word) for do in reversed(tuple(_last_things))]  # other threads still add and take
    return next((sentence for sentence in said if sentence), word)


def _tried(do: LastThing, word: str) -> str | None:
    try:
        return do(word)
    except Exception:  # the program ends in any case; what it leaves, the next run sweeps
        return None


def _tell(sentence: str) -> None:
    with suppress(OSError, ValueError, AttributeError):  # nobody listens, or standard error is closed
        sys.stderr.write(f"dlcli: {sentence}\n")
        sys.stderr.flush()


def _show_cursor() -> None:
    with suppress(OSError, ValueError, AttributeError):
        if _last_things and sys.stderr.isatty():
            os.write(sys.stderr.fileno(), _SHOW_CURSOR.encode())
