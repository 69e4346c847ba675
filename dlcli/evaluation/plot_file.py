"""A plot as a file: a PNG that says in a text chunk that `dlcli eval` drew it, so that it may be replaced later."""

import os
import zlib
from collections.abc import Iterable
from pathlib import Path

from dlcli.errors import UsageError
from dlcli.whole_file import write_whole

_AFTER_HEADER = 8 + 12 + 13  # bytes of a PNG: the signature and the IHDR chunk, which is always first
_TEXT = b"tEXtSoftware\0dlcli eval"
MARK = (len(_TEXT) - 4).to_bytes(4, "big") + _TEXT + zlib.crc32(_TEXT).to_bytes(4, "big")


def write_plot(path: Path, png: bytes) -> None:
    """Write the bytes of a PNG with the mark in it; the folder is made. DlcliError: it cannot be written."""
    write_whole(path, png[:_AFTER_HEADER] + MARK + png[_AFTER_HEADER:])


def refuse_other_files(folder: Path, names: Iterable[str]) -> None:
    """UsageError: a plot of one of these names would go over a file that is no plot of `dlcli eval`, or a link."""
    for path in (folder / name for name in names):
        if path.is_symlink():
            raise UsageError(f"--plots {folder}: {path} is a link, which may lead elsewhere; name another folder")
        if os.path.lexists(path) and not _is_plot(path):
            raise UsageError(
                f"--plots {folder}: {path} is there already, and is no plot of `dlcli eval`; name another folder, or "
                "move it away"
            )


def _is_plot(path: Path) -> bool:
    try:
        if not path.is_file():  # opening a FIFO would wait for ever
            return False
        with path.open("rb") as file:
            return file.read(_AFTER_HEADER + len(MARK)).endswith(MARK)
    except OSError:
        return False
