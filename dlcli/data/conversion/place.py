"""The folder beside a target in which its new content is made, and how that comes into its place.

    .NAME.dlcli-convert/   beside NAME, for as long as the conversion lasts
        lock               held by the one conversion that may write NAME
        new/               the set as it grows; after an exchange, the old one
        old/               the old set, where folders cannot be exchanged at once
        files/             the new files, where NAME is a file
        journal            there from the moment at which NAME is replaced

Whatever ends a conversion, a signal or `kill -9`, the journal says what is to be done: `beside` does it at its end, and
at the beginning of the next conversion to NAME. Until then the old set or the new one is whole, in the place or here.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dlcli.data.conversion.exchange import exchange
from dlcli.data.conversion.left_over import (
    FILES,
    JOURNAL,
    LOCK,
    NEW,
    OLD,
    read_journal,
    refuse_strange_content,
    refuse_strange_holder,
    unknown,
)
from dlcli.data.conversion.manifest import entry_of, write_manifest
from dlcli.data.conversion.replace_set import keep_own, take_apart
from dlcli.errors import DlcliError
from dlcli.file_lock import alone
from dlcli.signals import at_stop
from dlcli.whole_file import sweep, sync, write_text, write_whole

ENDING = ".dlcli-convert"
LONGEST = 200  # bytes of a name to which the ending still fits


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """An empty new folder in the target's, and the only one for it; at the end it is gone, in place or not.

    UsageError: another conversion writes the target, or what is in the folder is not left from one of ours.
    DlcliError: the folder cannot be written.
    """
    holder = _holder(target)
    refuse_strange_holder(holder)
    try:
        with alone(holder / LOCK, str(target), "conversion"):
            with _described(target):
                refuse_strange_content(holder, target)
            _settle(holder, target)
            try:
                with _described(target):
                    (holder / NEW).mkdir()
                with at_stop(lambda _word: _end(holder, target)):
                    yield holder / NEW
            finally:
                _settle(holder, target)
    finally:
        with suppress(OSError):
            holder.rmdir()


def _end(holder: Path, target: Path) -> None:
    """What a signal, which comes back nowhere, leaves to do."""
    _settle(holder, target)
    (holder / LOCK).unlink(missing_ok=True)
    holder.rmdir()


@contextmanager
def _described(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DlcliError(f"{target}: cannot be written: {error.strerror or error}") from error


def put_set(staged: Path, target: Path) -> None:
    """The folder that `beside` gave becomes the target, with what is the user's own there.

    UsageError: a file there is neither as a conversion wrote it nor can be kept. DlcliError: it cannot be written.
    """
    with _described(target):
        write_manifest(staged)
        if not os.path.lexists(target):
            staged.rename(target)
            return
        keep_own(target, staged)
        _begin(staged.parent, {"new": os.lstat(staged).st_ino, "old": os.lstat(target).st_ino})
        exchange(staged, target, staged.parent / OLD)


def put_files(staged: Path, target: Path, files: Mapping[str, bytes]) -> None:
    """The target and its ids.json, by name, both or none of them. staged: as `beside` gave it for the target.

    They are in place when `beside` ends. DlcliError: they cannot be written.
    """
    for name, data in files.items():
        write_whole(staged.parent / FILES / name, data)
    with _described(target):
        before = {name: _entry_there(target.with_name(name)) for name in files}
        _begin(staged.parent, {"files": before})


def _begin(holder: Path, journal: Mapping[str, Any]) -> None:
    write_text(holder / JOURNAL, json.dumps(journal))
    sync(holder)


def _holder(target: Path) -> Path:
    name = os.fsencode(target.name)
    short = target.name if len(name) <= LONGEST else hashlib.sha256(name).hexdigest()
    return target.with_name(f".{short}{ENDING}")


def _settle(holder: Path, target: Path) -> None:
    """End what was begun, or undo it. DlcliError: something in the folder is not to be removed."""
    with _described(target):
        journal = read_journal(holder, target)
        if "files" in journal:
            _put_in_place(holder, target, journal["files"])
            sweep(target.parent, deep=False)
        elif journal:
            _settle_sets(holder, target, journal["new"], journal["old"])
        (holder / JOURNAL).unlink(missing_ok=True)
        for place in (holder / NEW, holder / FILES):
            if os.path.lexists(place):
                shutil.rmtree(place)
        sweep(holder)


def _settle_sets(holder: Path, target: Path, new: int, old: int) -> None:
    """new, old: the numbers of the two folders, which no rename changes."""
    if _number(target) is None and _number(holder / OLD) == old:  # killed between two renames
        (holder / OLD).rename(target)
    rest = [tree for tree in (holder / NEW, holder / OLD) if _number(tree) is not None]
    if _number(target) == new:
        for tree in rest:
            if _number(tree) != old:
                raise unknown(tree)
            take_apart(tree, target)
    elif _number(target) != old or [_number(tree) for tree in rest] not in ([], [new]):
        raise unknown(holder)  # somebody has moved the target since


def _number(folder: Path) -> int | None:
    return os.lstat(folder).st_ino if os.path.lexists(folder) else None


def _put_in_place(holder: Path, target: Path, before: Mapping[str, Any]) -> None:
    """The new files, unless somebody has written there meanwhile."""
    for name, entry in before.items():
        path, new = target.with_name(name), holder / FILES / name
        there = _entry_there(path)
        if there == entry_of(new):
            continue
        if there != entry:
            raise DlcliError(f"{path}: changed while it was replaced; the new one is kept as {new}; move it away")
        write_whole(path, new.read_bytes())


def _entry_there(path: Path) -> Any:
    return entry_of(Path(os.path.realpath(path)))
