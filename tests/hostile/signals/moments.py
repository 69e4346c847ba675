"""The program, with a signal at a chosen moment: `python -m tests.hostile.signals.moments MOMENT SIGNAL WORDS...`.

The moment is where the program then stays for ever, so whatever ends it is the signal:

    import NAME   a module is about to be imported
    native        an image is read by native code on the main thread, which never comes back; one signal comes
    writing       a file is being written, and never becomes whole; a second signal follows the first
    slow          the same, without a second signal; the patience is cut short
    end           all is said and done
"""

import ctypes
import os
import signal
import sys
import threading
import time
from typing import Any, NoReturn


def send(number: int) -> None:
    """To the whole group, if this process leads one."""
    (os.killpg if os.getpgrp() == os.getpid() else os.kill)(os.getpid(), number)


def stay() -> NoReturn:
    while True:
        time.sleep(60)


def stay_in_native_code() -> NoReturn:
    """A lock taken twice; no signal ends this call, and it does not hold Python's lock."""
    mutex, library = ctypes.create_string_buffer(256), ctypes.CDLL(None)
    while True:
        library.pthread_mutex_lock(mutex)


def at_import(name: str, number: int) -> None:
    def look(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "import" and arguments[0] == name:
            send(number)
            stay()

    sys.addaudithook(look)


def at_native(number: int) -> None:
    from dlcli.batch import image as image

    first = threading.Lock()  # other threads may be about to read an image as well

    def read(*_: Any, **__: Any) -> NoReturn:
        if first.acquire(blocking=False):
            send(number)
        stay_in_native_code()

    image.read_image = read


def at_writing(number: int, second: bool) -> None:
    from dlcli import signals, whole_file

    def write(*_: Any, **__: Any) -> NoReturn:
        send(number)
        while second and not signals._came:
            time.sleep(0.001)
        if second:
            send(number)
        stay()

    whole_file._write_and_rename = write
    if not second:
        signals.PATIENCE = 0.05


def at_end(number: int) -> None:
    from dlcli.cli import app

    leave = app.leave

    def left() -> NoReturn:
        leave()
        send(number)
        stay()

    app.leave = left


def set_up(moment: str, number: int) -> None:
    kind, _, name = moment.partition(" ")
    if kind == "import":
        at_import(name, number)
    elif kind == "native":
        at_native(number)
    elif kind == "end":
        at_end(number)
    else:
        at_writing(number, second=kind == "writing")


if __name__ == "__main__":
    moment, word, *words = sys.argv[1:]
    signal.signal(getattr(signal, word), signal.SIG_DFL)  # whoever started the tests may have had it ignored
    set_up(moment, getattr(signal, word))
    sys.argv = ["dlcli", *words]
    from dlcli.__main__ import main

    main()
