"""Locks on files: one process at a time, let go at the latest when it ends, also by `kill -9`."""

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dlcli.errors import DlcliError, UsageError

_TRIES = 20  # to open a file that others, who end just now, remove again
_held: set[int] = set()


def lock(handle: int) -> bool | None:
    """Lock an open file until its descriptor is closed: True.

    False: another process, or another descriptor of ours, has it. None: this file system has no locks.
    """
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


@contextmanager
def alone(path: Path, place: str, work: str) -> Iterator[None]:
    """Hold the lock file at `path` for a while; it, and folders that were made for it and stay empty, go at the end.

    place, work: what is written and by what, for messages. UsageError: another process holds it. DlcliError: it cannot
    be made. File systems without locks are taken as they are.
    """
    made = [folder for folder in path.parents if not os.path.lexists(folder)]
    try:
        handle = _opened(path)
    except OSError as error:
        raise DlcliError(f"{place}: cannot be written: {error.strerror}; choose another place") from error
    if handle is None:
        raise UsageError(f"{place}: another {work} is writing there; wait for it, or name another place")
    _held.add(handle)
    try:
        yield
    finally:
        if handle in _held:
            _let_go(handle, path)
            for folder in made:
                with suppress(OSError):
                    folder.rmdir()


def is_held(path: Path) -> bool | None:
    """Whether a process holds the lock file at `path`; None: this file system has no locks."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        held = lock(handle)
    finally:
        os.close(handle)
    return None if held is None else not held


def _opened(path: Path) -> int | None:
    """A locked descriptor of the file that `path` names; None: another process has it."""
    for _ in range(_TRIES):
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # the folder, or the file, went again
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o666)
            if lock(handle) is False:
                os.close(handle)
                return None
            try:
                if os.path.samestat(os.fstat(handle), os.stat(path)):
                    return handle
            except OSError:
                os.close(handle)
                raise
            os.close(handle)
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), str(path))


def _let_go(handle: int, path: Path) -> None:
    """The name goes first: who has opened the file and waits finds that it is no longer the one."""
    _held.discard(handle)
    with suppress(OSError):
        os.unlink(path)
    os.close(handle)


def _forget() -> None:
    """A process that was forked off shares the lock, and would hold it longer than its parent."""
    for handle in _held:
        with suppress(OSError):
            os.close(handle)
    _held.clear()


os.register_at_fork(after_in_child=_forget)
