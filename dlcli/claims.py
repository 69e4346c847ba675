"""What a file held when we wrote it: its size and SHA-256, by which we know it again. Light."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Claim = tuple[int, str]  # size in bytes, SHA-256 in hex, "" where a state does not tell


def claim_of(data: bytes) -> Claim:
    return len(data), hashlib.sha256(data).hexdigest()


def claim_of_file(path: Path) -> Claim:
    """Of a file that something else than `Ownership.write` made. OSError: it cannot be read."""
    return os.stat(path).st_size, digest_of(path)


def as_claim(value: Any) -> Claim | None:
    """A claim as JSON has it, [size, digest], or a size alone; None for anything else."""
    if type(value) is int:
        return value, ""
    if isinstance(value, list) and len(value) == 2 and type(value[0]) is int and isinstance(value[1], str) and value[1]:
        return value[0], value[1]
    return None


def digest_of(path: Path) -> str:
    """SHA-256 of a regular file that is no link; "-", which nothing claims, where it cannot be read."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "-"


def files_below(folder: Path) -> Iterator[str]:
    """Everything in a folder that is no folder, links not followed."""
    for current, folders, files in os.walk(folder):
        yield from (os.path.join(current, name) for name in files)
        yield from (found for name in folders if os.path.islink(found := os.path.join(current, name)))
