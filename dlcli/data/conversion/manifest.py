"""What a conversion wrote: a list in the folder, .dlcli-converted, of every file with its size and SHA-256.

`dlcli convert --overwrite` replaces these files as long as they are as they were written, and no other. A link to an
image is listed with where it points.
"""

import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dlcli.data.files import read_bytes
from dlcli.whole_file import write_text

NAME = ".dlcli-converted"
SCHEMA = "dlcli.converted/1"
Entry = Mapping[str, Any]  # {"size": bytes, "sha256": hexadecimal} or {"link": where it points}


def leaves(folder: Path) -> Iterator[str]:
    """The names below a folder of all that is no folder, sorted; a link to a folder is one, and is not followed."""
    for place, folders, files in _walk(folder):
        links = [name for name in folders if os.path.islink(os.path.join(place, name))]
        for name in sorted([*files, *links]):
            yield os.path.relpath(os.path.join(place, name), folder)


def empty_folders(folder: Path) -> Iterator[str]:
    """The names below a folder of those in which there is nothing."""
    for place, folders, files in _walk(folder):
        if not folders and not files and Path(place) != folder:
            yield os.path.relpath(place, folder)


def entry_of(path: Path) -> Entry | None:
    """How a file, or a link, is listed; None for what is neither. OSError: it cannot be read."""
    if os.path.islink(path):
        return {"link": os.readlink(path)}
    if not path.is_file():
        return None
    with path.open("rb") as file:
        return {"size": os.fstat(file.fileno()).st_size, "sha256": hashlib.file_digest(file, "sha256").hexdigest()}


def write_manifest(folder: Path) -> None:
    """List all that is in the folder."""
    files = {name: entry_of(folder / name) for name in leaves(folder) if name != NAME}
    write_text(folder / NAME, json.dumps({"schema": SCHEMA, "files": files}, indent=0) + "\n")


def read_manifest(folder: Path) -> dict[str, Entry] | None:
    """The list of a folder, by name; None where there is none, or what is there is none of ours."""
    path = folder / NAME
    if path.is_symlink() or not path.is_file():
        return None
    try:
        content = json.loads(read_bytes(path))
    except (ValueError, RecursionError):
        return None
    files = content.get("files") if isinstance(content, dict) and content.get("schema") == SCHEMA else None
    if not isinstance(files, dict):
        return None
    return {name: entry for name, entry in files.items() if isinstance(entry, dict)}


def is_as_written(path: Path, entry: Entry | None) -> bool:
    """Whether a file is still what was listed. OSError: it cannot be read."""
    if not entry or not os.path.lexists(path):
        return False
    there = os.lstat(path)
    if stat.S_ISREG(there.st_mode) and there.st_size != entry.get("size"):
        return False
    return entry_of(path) == entry


def is_same(path: Path, other: Path) -> bool:
    """Whether two names hold the same: one file, equal bytes, or links that point to one place."""
    if not os.path.lexists(path) or not os.path.lexists(other):
        return False
    one, two = os.lstat(path), os.lstat(other)
    if os.path.samestat(one, two):
        return True
    if stat.S_IFMT(one.st_mode) != stat.S_IFMT(two.st_mode) or one.st_size != two.st_size:
        return False
    found = entry_of(path)
    return found is not None and found == entry_of(other)


def _walk(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    def fail(error: OSError) -> None:
        raise error  # else a folder that cannot be read would be taken for an empty one

    return os.walk(folder, onerror=fail)
