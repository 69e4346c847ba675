"""Ctrl-C and SIGTERM while a network learns: the step under way is finished and kept, then the run ends."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from dlcli.errors import DlcliError, ExitCode


class TerminatedError(DlcliError):
    exit_code = ExitCode.TERMINATED


class StopRequest:
    """Which signal came, 0 for none."""

    def __init__(self) -> None:
        self.signal = 0

    def raise_if_any(self, kept: str) -> None:
        if self.signal == signal.SIGINT:
            raise KeyboardInterrupt(kept)
        if self.signal:
            raise TerminatedError(kept)


@contextmanager
def listen() -> Iterator[StopRequest]:
    """Collect the first signal; a second one ends the program as usual.

    A signal that the shell told us to ignore stays ignored: Ctrl-C is not for a job in the background of a script.
    """
    request = StopRequest()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    before = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}

    def note(number: int, _frame: FrameType | None) -> None:
        request.signal = number
        signal.signal(number, before[signal.Signals(number)])

    try:
        for number in before:
            signal.signal(number, note)
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
