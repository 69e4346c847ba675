"""`--failed-to FILE`: the names of images that fail a gate, one a line, as --files-from reads them."""

import base64
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dlcli.console import refuse_log
from dlcli.errors import UsageError
from dlcli.messages import as_text
from dlcli.whole_file import write_whole


def check_failed_to(path: Path | None, asked: bool, overwrite: bool) -> None:
    """UsageError: there is no gate, or the file is there already. asked: whether there are gates."""
    if path is None:
        return
    if not asked:
        raise UsageError(f"--failed-to {as_text(path)}: needs a gate; give --fail-if or --require")
    if path.is_dir():
        raise UsageError(f"--failed-to {as_text(path)}: is a folder; name a file")
    if path.is_symlink() or (path.is_file() and path.stat().st_size and not overwrite):
        raise UsageError(f"--failed-to {as_text(path)}: is there already; name another file, or pass --overwrite")
    refuse_log(f"--failed-to {as_text(path)}", path)


def refuse_failed_to(path: Path | None, inputs: Iterable[str | Path | None]) -> None:
    """UsageError: it would be written over a file that is read."""
    real = "" if path is None else os.path.realpath(path)
    if path is not None and any(name and "\0" not in str(name) and os.path.realpath(name) == real for name in inputs):
        raise UsageError(f"--failed-to {as_text(path)}: would write over an input; name another file")


def name_in(record: Mapping[str, Any]) -> bytes:
    """The name of a record's image with all its bytes."""
    raw = record.get("source_bytes")
    return base64.b64decode(raw) if raw else str(record["source"]).encode("utf-8", "surrogateescape")


def write_failed(path: Path, names: Iterable[bytes], end: bytes = b"\n") -> None:
    """The whole list, each image once, in input order; an empty file where none failed."""
    write_whole(path, b"".join(name + end for name in dict.fromkeys(names)))
