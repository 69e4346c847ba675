"""Volumes that are mounted at or below a folder: to replace the folder would empty them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

LIST = Path("/proc/self/mountinfo")  # of Linux; it also has folders and files of one file system mounted twice


def mounts_below(folder: Path) -> Iterator[str]:
    """Mount points at or below a folder, and folders there that are on another device. Links are not followed.

    OSError: a folder cannot be read.
    """
    root = os.path.realpath(folder)
    yield from (place for place in _listed() if place == root or place.startswith(f"{root.rstrip('/')}/"))
    if os.path.ismount(root):
        yield root

    def fail(error: OSError) -> None:
        raise error

    for at, names, _ in os.walk(root, onerror=fail) if os.path.isdir(root) else ():
        yield from (place for place in (os.path.join(at, name) for name in names) if os.path.ismount(place))


def _listed() -> list[str]:
    """The fifth field of each line of proc_pid_mountinfo(5), in which a space is \\040; [] where there is no list."""
    try:
        lines = LIST.read_bytes().splitlines()
    except OSError:
        return []
    fields = [line.split(b" ") for line in lines]
    return [os.fsdecode(_plain(found[4])) for found in fields if len(found) > 4]


def _plain(field: bytes) -> bytes:
    return re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), field)
