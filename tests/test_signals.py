"""What is noted, what waits, what is done last."""

import signal
import subprocess
import sys

import pytest

from dlcli.errors import ExitCode, InterruptedRunError
from dlcli.signals import StopRequest, arrive, exit_code, listen, unbroken
from tests.program import ROOT


def test_nothing_came():
    StopRequest().raise_if_any("kept")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGINT, ExitCode.INTERRUPTED),
        (signal.SIGTERM, ExitCode.TERMINATED),
        (signal.SIGHUP, ExitCode.TERMINATED),
    ],
)
def test_a_signal_is_noted_and_raised_when_asked(number, code):
    with listen() as stop:
        arrive(number)
        assert stop.signal == number
        with pytest.raises(InterruptedRunError, match="kept") as caught:
            stop.raise_if_any("kept")
    assert caught.value.exit_code == exit_code(number) == code


def test_a_library_leaves_signals_alone():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with listen(), unbroken(), unbroken():
        pass
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before
    assert not {signal.SIGINT, signal.SIGTERM} & signal.pthread_sigmask(signal.SIG_BLOCK, [])


def run(*lines: str) -> subprocess.CompletedProcess[str]:
    head = "import os, signal, sys, time\nfrom dlcli.signals import *\nfrom dlcli import signals\ntake_over()\n"
    code = head + "me = os.getpid()\n" + "\n".join(lines)
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False, timeout=60
    )


def test_the_innermost_sentence_is_said_and_all_is_done():
    ran = run(
        "outer = at_stop(lambda word: (print('outer', flush=True), 'outer')[1])",
        "with outer, at_stop(lambda word: word + ' here'), at_stop(lambda _: print('bar', flush=True)):",
        "    with at_stop(lambda _: 1 / 0):",
        "        os.kill(me, signal.SIGINT); time.sleep(60)",
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, "bar\nouter\n", "dlcli: interrupted here\n")


def test_what_is_being_done_becomes_whole_and_nothing_is_begun():
    ran = run(
        "with unbroken():",
        "    os.kill(me, signal.SIGTERM)",
        "    while not signals._door.locked(): time.sleep(0.001)",
        "    with unbroken(): print('whole', flush=True)",
        "with unbroken(): print('begun', flush=True)",
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (143, "whole\n", "dlcli: terminated\n")


def test_what_is_made_for_now_is_removed_though_the_signal_comes_while_it_is_made(tmp_path):
    ran = run(
        "def make():",
        "    os.kill(me, signal.SIGTERM)",
        "    while not signals._door.locked(): time.sleep(0.001)",
        f"    open({str(tmp_path / 'new')!r}, 'w').close(); return {str(tmp_path / 'new')!r}",
        "with gone_at_stop(make): time.sleep(60)",
    )
    assert (ran.returncode, ran.stderr) == (143, "dlcli: terminated\n")
    assert list(tmp_path.iterdir()) == []


def test_a_stretch_that_would_take_long_is_ended_at_once():
    ran = run(
        "with listen() as stop:",
        "    with end_at_once(lambda _: 'kept'): os.kill(me, signal.SIGINT); time.sleep(60)",
    )
    assert (ran.returncode, ran.stderr) == (130, "dlcli: kept\n")


def test_after_it_signals_are_noted_again():
    ran = run(
        "with listen() as stop:",
        "    with end_at_once(lambda _: 'kept'): pass",
        "    os.kill(me, signal.SIGINT)",
        "    while not stop.signal: time.sleep(0.001)",
        "    print('noted', flush=True)",
        "    os.kill(me, signal.SIGTERM); time.sleep(60)",
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (143, "noted\n", "")


def test_a_signal_that_another_thread_gets_is_heard():
    """One that was there before signals were taken over, as a library may start it."""
    ran = run(
        "import threading",
        "def open_to_all():",
        "    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM])",
        "    signal.pthread_kill(threading.get_ident(), signal.SIGTERM); time.sleep(60)",
        "threading.Thread(target=open_to_all, daemon=True).start()",
        "import ctypes",
        "mutex = ctypes.create_string_buffer(256)",
        "while True: ctypes.CDLL(None).pthread_mutex_lock(mutex)  # never comes back",
    )
    assert (ran.returncode, ran.stderr) == (143, "dlcli: terminated\n")


def test_a_worker_does_not_hear_the_group_and_ends_with_the_program():
    """Its standard output is this test's, which waits until nobody holds it."""
    ran = run(
        "told, tell = os.pipe()",
        "worker = os.fork()",
        "if not worker:",
        "    start_worker()",
        "    for number in HEARD: os.kill(os.getpid(), number)",
        "    os.write(tell, b'stays'); time.sleep(600)",
        "print(os.read(told, 5).decode(), flush=True)",
        "os.kill(me, signal.SIGTERM); time.sleep(60)",
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (143, "stays\n", "dlcli: terminated\n")


def test_a_worker_ends_when_the_program_asks_it_to():
    """As `multiprocessing` does at the end of a program, and then waits for it."""
    ran = run(
        "import multiprocessing",
        "worker = multiprocessing.get_context('fork').Process(target=lambda: (start_worker(), time.sleep(600)))",
        "worker.start(); worker.terminate(); worker.join(30)",
        "print(worker.exitcode)",
    )
    assert (ran.returncode, ran.stdout) == (0, f"{-signal.SIGTERM}\n") or ran.stdout == "143\n", ran.stderr


def test_standard_error_may_be_closed():
    ran = run("sys.stderr = None", "os.kill(me, signal.SIGTERM); time.sleep(60)")
    assert (ran.returncode, ran.stderr) == (143, "")
