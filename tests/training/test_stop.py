"""The first Ctrl-C is noted, the second is as usual; the handlers come back."""

import os
import signal

import pytest

from dlcli.errors import ExitCode
from dlcli.training.stop import StopRequest, TerminatedError, listen


@pytest.fixture(autouse=True)
def _heard():
    """Ctrl-C is heard, although a test run in the background of a shell starts with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


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


def test_an_ignored_ctrl_c_stays_ignored():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with listen() as stop:
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.signal == 0
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_sigterm_has_its_exit_code():
    with listen() as stop:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(TerminatedError, match="kept") as caught:
            stop.raise_if_any("kept")
    assert caught.value.exit_code == ExitCode.TERMINATED
