"""A folder in the place of another: at once where the system can do that, else by two renames."""

import ctypes
import os
from pathlib import Path

_HERE = -100  # AT_FDCWD: paths are relative to the working folder
_EXCHANGE = 2  # RENAME_EXCHANGE


def exchange(new: Path, target: Path, aside: Path) -> None:
    """`new` becomes `target`; what that was is at `new` then, or at `aside`, where both are in one file system.

    Killed in between, the target may be at `aside` with nothing in its place. OSError: the same, or nothing has moved.
    """
    if not exchanged_at_once(new, target):
        os.rename(target, aside)
        os.rename(new, target)


def exchanged_at_once(one: Path, other: Path) -> bool:
    """renameat2(2) with RENAME_EXCHANGE; False: the system, its C library or the file system does not have it."""
    call = getattr(ctypes.CDLL(None), "renameat2", None)
    if call is None:
        return False
    return bool(call(_HERE, os.fsencode(one), _HERE, os.fsencode(other), ctypes.c_uint(_EXCHANGE)) == 0)
