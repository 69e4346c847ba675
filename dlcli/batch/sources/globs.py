"""Globs with `**`, and the folders that they could not look into, which the library's own passes over in silence."""

import glob
import itertools
import os
from collections.abc import Iterator

Unread = dict[str, OSError]  # folders that cannot be listed


def matches(pattern: str, unread: Unread) -> set[str]:
    """Names that match, `**` standing for any folders; those that begin with a dot, and links, are not gone into.

    glob.glob follows links there, so that two links to their own folder keep it busy for ever.
    """
    parts = pattern.split("/")
    if "**" not in parts:
        _look_into(parts, unread)
        return set(glob.glob(pattern))
    at = parts.index("**")
    start = "".join(f"{part}/" for part in parts[:at])
    rest = "/".join(list(itertools.dropwhile(lambda part: part == "**", parts[at:])) or ["*"])
    _look_into(parts[:at], unread)
    folders = glob.glob(start) if start else [""]
    below = (inner for folder in folders for inner in _below_here(folder, unread))
    return {name for folder in below for name in matches(glob.escape(folder) + rest, unread)}


def fixed_folder(pattern: str) -> str:
    """The folder before the first part of a glob that is one."""
    fixed = os.path.abspath(pattern)
    while glob.has_magic(fixed):
        fixed = os.path.dirname(fixed)
    return fixed


def _look_into(parts: list[str], unread: Unread) -> None:
    """Note the folders in which a part with *, ? or [ stands for names, and that cannot be listed."""
    for number, part in enumerate(parts):
        if glob.has_magic(part):
            start = "".join(f"{before}/" for before in parts[:number])
            for folder in glob.glob(start) if start else ["."]:
                if folder not in unread:
                    _listed(folder, unread)


def _below_here(folder: str, unread: Unread) -> Iterator[str]:
    """The folder and all below it, each with a / at its end ("" for the working folder)."""
    yield folder
    for entry in _listed(folder, unread):
        if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
            yield from _below_here(f"{folder}{entry.name}/", unread)


def _listed(folder: str, unread: Unread) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder or ".") as entries:
            return list(entries)
    except OSError as error:
        unread[folder] = error
        return []
