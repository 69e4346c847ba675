"""A fingerprint of the labeled images that a run learns from: equal sets, equal texts, on any machine."""

import hashlib
from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.data.dataset import Dataset


def fingerprint_of(*sets: Dataset[Any]) -> str:
    """ "sha256:" and 16 digits, of labels, file names, sizes in bytes and targets, in order.

    Pixels are not read: an image of the same name and size counts as the same.
    """
    digest = hashlib.sha256()
    for data in sets:
        _add(digest, data.labels)
        for item in data.items:
            _add(digest, (item.path.name, _size(item.path), item.target))
    return f"sha256:{digest.hexdigest()[:16]}"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _add(digest: Any, value: Any) -> None:
    """A value by what it holds; of a path its name, since a set may move. The length first: ("a", "b") is not "ab"."""
    if isinstance(value, np.ndarray):
        _add(digest, (value.dtype.str, value.shape))
        digest.update(np.ascontiguousarray(value).tobytes())
    elif is_dataclass(value) and not isinstance(value, type):
        _add(digest, [getattr(value, field.name) for field in fields(value)])
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        items = list(value)
        digest.update(f"[{len(items)}".encode())
        for item in items:
            _add(digest, item)
    else:
        text = value.name if isinstance(value, Path) else str(value)
        digest.update(f"{len(text)}:{text}".encode())
