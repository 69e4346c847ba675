"""The first Ctrl-C is noted, the second is as usual; the handlers come back."""

import os
import signal

import pytest

from dlcli.errors import ExitCode
from dlcli.training.stop import StopRequest, TerminatedError, listen


def test_nothing_came():
    StopRequest().raise_if_any("kept")


def test_ctrl_c_is_noted_and_raised_when_asked():
    before = signal.getsignal(signal.SIGINT)
    with listen() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.signal == signal.SIGINT
        with pytest.raises(KeyboardInterrupt, match="kept"):
            stop.raise_if_any("kept")
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_sigterm_has_its_exit_code():
    with listen() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(TerminatedError, match="kept") as caught:
            stop.raise_if_any("kept")
    assert caught.value.exit_code == ExitCode.TERMINATED
