"""Whose a settings file is, and which places it may name.

A folder that came from elsewhere, or in which others write, may hold a dlcli.toml that its reader never saw. What it
says of `settings_classes` is therefore taken only from a file that nobody but the user and root can write, and the
places that it names lie below the working folder.
"""

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path

from dlcli.cli.settings.classes import Class, class_of, paths_in
from dlcli.cli.spec import Parameter
from dlcli.frozen import dataclass

_ROOT = 0


@dataclass(frozen=True)
class Refusal:
    """why: ends with what was expected. advice: a way out besides the command line, or ""."""

    why: str
    advice: str = ""


def refuse(option: Parameter, value: object, ask: Callable[[], Refusal | None]) -> Refusal | None:
    """Why a settings file may not give this option this value; None if it may. ask: for what `not_ours` says of it."""
    kind = class_of(option)
    if kind is Class.FREE:
        return None
    stranger = ask()
    if stranger is not None:
        return Refusal(f"an option that {kind.value} is not taken from here, since {stranger.why}", stranger.advice)
    return next((found for found in map(_outside, paths_in(option, value)) if found is not None), None)


def not_ours(file: Path) -> Refusal | None:
    """Whether others than the user and root can write a settings file, or put another in its place.

    Looked at are the file and its folder, and where the file is a link, what it leads to as well. Where the system
    knows no owners every file is the user's.
    """
    if not hasattr(os, "geteuid"):
        return None
    real = Path(os.path.realpath(file))
    for path in dict.fromkeys((file, real, real.parent, file.parent)):
        try:
            found = _open_to_others(path, path.lstat() if path == file else path.stat())
        except OSError as error:
            return Refusal(f"{path} cannot be read: {error.strerror}")
        if found is not None:
            return found
    return None


def _open_to_others(path: Path, status: os.stat_result) -> Refusal | None:
    if status.st_uid not in (_ROOT, os.geteuid()):
        return Refusal(
            f"{path} belongs to {_user(status.st_uid)}", f"if you trust it: chown {_user(os.geteuid())} {path}"
        )
    folder = stat.S_ISDIR(status.st_mode)
    if stat.S_ISLNK(status.st_mode) or (folder and status.st_mode & stat.S_ISVTX):
        return None  # a link has no mode; of a folder such as /tmp nobody removes the files of another
    if status.st_mode & stat.S_IWOTH or (status.st_mode & stat.S_IWGRP and not _own_group(status.st_gid)):
        return Refusal(f"others can write {path}", f"if you trust it: chmod go-w {path}")
    return None


def _own_group(number: int) -> bool:
    """Whether a group is the private one of the user, or root's: called as he is, and nobody else in it."""
    import grp
    import pwd

    try:
        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(number)
    except KeyError:
        return False
    private = group.gr_name == user.pw_name and number == user.pw_gid and not set(group.gr_mem) - {user.pw_name}
    return private or (number == _ROOT and not set(group.gr_mem) - {"root", user.pw_name})


def _user(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _outside(text: str) -> Refusal | None:
    """Why this is no place below the working folder; None if it is."""
    expected = "a settings file may name places below the working folder only"
    parts = text.replace("\\", "/").split("/")
    if re.match(r"[A-Za-z][\w+.-]*:/|[A-Za-z]:", text):
        return Refusal(f"{expected}, got a URL or drive: {text}")
    if os.path.isabs(text) or parts[0] == "" or text.startswith("~"):
        return Refusal(f"{expected}, got an absolute path: {text}")
    if ".." in parts:
        return Refusal(f"{expected}, got a path upwards: {text}")
    here, real = os.path.realpath("."), os.path.realpath(text)
    if real != here and not real.startswith(os.path.join(here, "")):
        return Refusal(f"{expected}, and {text} leads by a link to {real}")
    return None
