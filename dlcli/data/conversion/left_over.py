"""What a killed conversion may have left beside a target, set apart from what somebody else has put or packed there.

A journal has the next conversion write and move files, so one is followed only where all of it is ours and no link
leads out of the folder.
"""

import json
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from dlcli.data.conversion.ids_file import ids_path
from dlcli.data.conversion.mounts import mounts_below
from dlcli.errors import DlcliError, UsageError

LOCK, NEW, OLD, FILES, JOURNAL = "lock", "new", "old", "files", "journal"
LARGEST = 1 << 20  # bytes of a journal, which names two files at most


def refuse_strange_holder(holder: Path) -> None:
    """UsageError: the folder, or the lock in it, is a link or something else that a conversion does not make."""
    if holder.is_symlink():
        raise UsageError(f"{holder}: is a link, and dlcli convert needs a folder there; remove it")
    _refuse_unlike(holder, holder, stat.S_ISDIR)
    _refuse_unlike(holder, holder / LOCK, stat.S_ISREG)


def refuse_strange_content(holder: Path, target: Path) -> None:
    """The same of all else in it, and of what its journal would have written; nothing is changed."""
    for name in (NEW, OLD, FILES):
        _refuse_unlike(holder, holder / name, stat.S_ISDIR)
    staged = list((holder / FILES).iterdir()) if os.path.lexists(holder / FILES) else []
    for path in (holder / JOURNAL, *staged):
        _refuse_unlike(holder, path, stat.S_ISREG)
    for mount in mounts_below(holder):
        raise _strange(holder, f"a file system is mounted at {mount}", "unmount that, look into the folder")
    if not os.path.lexists(holder / JOURNAL):
        return
    for path in (holder, holder / JOURNAL, holder / FILES, *staged):
        if os.path.lexists(path) and hasattr(os, "geteuid") and os.lstat(path).st_uid != os.geteuid():
            raise _strange(holder, f"{path} is another user's")
    for path in _goals(holder, target):
        _refuse_unlike(holder, path, stat.S_ISREG)


def read_journal(holder: Path, target: Path) -> dict[str, Any]:
    """{} where nothing was begun. UsageError: it is no file, or too large. DlcliError: it is damaged."""
    path = holder / JOURNAL
    if not os.path.lexists(path):
        return {}
    try:
        journal = json.loads(_read_small(holder, path))
        if "files" in journal:
            sound = set(dict(journal["files"])) <= {target.name, ids_path(target).name}
        else:
            sound = type(journal["new"]) is int and type(journal["old"]) is int
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError):
        sound = False
    if not sound:
        raise unknown(holder)
    return dict(journal)


def unknown(place: Path) -> DlcliError:
    return DlcliError(f"{place}: is left from a conversion that was killed; look into it, and move it away")


def _goals(holder: Path, target: Path) -> Iterator[Path]:
    """Files that the journal would have replaced."""
    for name in read_journal(holder, target).get("files", ()):
        yield target.with_name(name)


def _read_small(holder: Path, path: Path) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise _strange(holder, f"{path} is no regular file")
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise _strange(holder, f"{path} has more than {LARGEST:,} bytes")
    return data


def _refuse_unlike(holder: Path, path: Path, is_kind: Callable[[int], bool]) -> None:
    try:
        mode = os.lstat(path).st_mode
    except OSError:  # not there, or another conversion has ended just now
        return
    if not is_kind(mode):
        kind = "folder" if is_kind is stat.S_ISDIR else "regular file"
        what = "a link" if stat.S_ISLNK(mode) else f"no {kind}"
        raise _strange(holder, f"{path} is {what}" if path != holder else f"it is {what}")


def _strange(holder: Path, why: str, first: str = "look into it") -> UsageError:
    return UsageError(
        f"{holder}: is not followed as left from a conversion that was killed: {why}; {first}, and remove it"
    )
