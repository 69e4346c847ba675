"""A converted set in the place of an earlier one; what the user has put into that folder goes along.

The new folder gets a second name of every file of the user's own, so that nothing is missing from it when the two are
exchanged. What is left of the old one is then taken apart, file by file.
"""

import os
import shutil
from contextlib import suppress
from pathlib import Path, PurePath

from dlcli.data.conversion import manifest
from dlcli.errors import DlcliError, UsageError
from dlcli.whole_file import sync

SHOWN = 5  # names in a message


def keep_own(target: Path, staged: Path) -> None:
    """Give `staged` what is the user's own in `target`.

    UsageError: a file there that no conversion wrote, or that was edited since, would be lost.
    """
    written = manifest.read_manifest(target) or {}
    own, lost = [], []
    for name in manifest.leaves(target):
        path = target / name
        if name == manifest.NAME or manifest.is_as_written(path, written.get(name)):
            continue
        if name in written or os.path.lexists(staged / name) or is_blocked(staged, name):
            if not manifest.is_same(path, staged / name):
                lost.append(f"{name} (edited since)" if name in written else name)
        else:
            own.append(name)
    if lost:
        more = f" and {len(lost) - SHOWN:,} more" if len(lost) > SHOWN else ""
        raise UsageError(
            f"{target}: --overwrite would lose what dlcli convert did not write: {', '.join(lost[:SHOWN])}{more}; "
            "move it away, or name another place"
        )
    for name in own:
        (staged / name).parent.mkdir(parents=True, exist_ok=True)
        _second_name(target / name, staged / name)
    for name in manifest.empty_folders(target):
        if not os.path.lexists(staged / name) and not is_blocked(staged, name):
            (staged / name).mkdir(parents=True)
    _make_folders_alike(target, staged)


def take_apart(old: Path, target: Path) -> None:
    """Remove a set whose place `target` has taken; what appeared in it meanwhile goes over to the target.

    Nothing is removed but what the conversion wrote and what the target holds too. DlcliError: something else has no
    place there, and stays.
    """
    written = manifest.read_manifest(old) or {}
    stuck = []
    for name in [name for name in manifest.leaves(old) if name != manifest.NAME]:
        path, place = old / name, target / name
        if manifest.is_as_written(path, written.get(name)) or manifest.is_same(path, place):
            path.unlink()
        elif os.path.lexists(place) or is_blocked(target, name):
            stuck.append(name)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            path.rename(place)
    for folder, _, _ in os.walk(old, topdown=False):
        if Path(folder) != old:
            with suppress(OSError):  # it holds what is stuck
                os.rmdir(folder)
    if stuck:
        raise DlcliError(
            f"{target}: {stuck[0]} changed while the set was replaced; as it is now it is kept as {old / stuck[0]}; "
            "move it away"
        )
    (old / manifest.NAME).unlink(missing_ok=True)
    old.rmdir()


def is_blocked(folder: Path, name: str) -> bool:
    """Whether a file or a link stands where the name needs a folder."""
    above = [folder / place for place in PurePath(name).parents[:-1]]
    return any(os.path.lexists(place) and (place.is_symlink() or not place.is_dir()) for place in above)


def _second_name(path: Path, other: Path) -> None:
    """A hard link, or a copy where there are none; of a link, another one."""
    if path.is_symlink():
        other.symlink_to(os.readlink(path))
        return
    try:
        os.link(path, other)
    except OSError:
        if not path.is_file():
            raise
        shutil.copy2(path, other)
        sync(other)


def _make_folders_alike(target: Path, staged: Path) -> None:
    """Mode, times and, as far as we may, owner of folders that both have."""
    for folder, _, _ in os.walk(staged, topdown=False):
        before = target / os.path.relpath(folder, staged)
        if before.is_dir() and not before.is_symlink():
            there = before.stat()
            with suppress(OSError):
                os.chown(folder, there.st_uid, there.st_gid)
            shutil.copystat(before, folder)
