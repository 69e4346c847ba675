"""Files that appear whole or not at all: every file dlcli writes, except the running record, goes through here."""

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from dlcli.errors import DlcliError

_HEAD, _TAIL = ".dlcli-", ".tmp"
TEMPORARY = f"{_HEAD}*{_TAIL}*"  # names of files that are not whole yet; `kill -9` may leave one behind
_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space or choose another --out",
    errno.EDQUOT: "your disk quota is used up; free some space or choose another --out",
    errno.EROFS: "the file system is read-only; choose another --out",
    errno.EACCES: "no permission to write there; choose another --out",
    errno.EPERM: "no permission to write there; choose another --out",
    errno.ENOTDIR: "a part of the path is a file, not a folder; choose another --out",
    errno.EEXIST: "a part of the path is a file, not a folder; choose another --out",
    errno.EISDIR: "it is a folder; choose another name",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


def write_whole(path: Path, data: bytes, replace: bool = True) -> None:
    """Write `data` to `path`, replacing what stood there; parent folders are made.

    replace False: FileExistsError, and nothing is changed, where something stands there.

    The bytes go to a dot-named temporary file in the same folder, are flushed to the disk and then renamed, so a
    reader, or `kill -9`, sees the old file or the new one and never a part. On an error the temporary file is removed
    and DlcliError (exit 5) says why.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_and_rename(path, data, replace)
    except OSError as error:
        if isinstance(error, FileExistsError) and not replace and os.path.lexists(path):
            raise
        reason = _ADVICE.get(error.errno or 0, f"{error.strerror or error}; choose another --out")
        shown = os.fsencode(path).decode("utf-8", "replace")
        raise DlcliError(f"{shown}: cannot be written: {reason}") from error


def write_text(path: Path, text: str) -> None:
    """`write_whole` of `text` in UTF-8, its line ends as they are."""
    write_whole(path, text.encode("utf-8"))


def _write_and_rename(path: Path, data: bytes, replace: bool) -> None:
    handle, temporary = tempfile.mkstemp(prefix=_HEAD, suffix=_TAIL, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_UMASK)  # mkstemp makes files that only the owner can read
        if replace:
            os.replace(temporary, path)
        else:
            rename_new(temporary, path)
    except BaseException:  # Ctrl-C too must leave nothing behind
        with suppress(OSError):
            os.unlink(temporary)
        raise


def rename_new(temporary: str, path: Path) -> None:
    """Give a file its name. FileExistsError: something has that name; what stands there stays."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.replace(temporary, path)
        return
    os.unlink(temporary)


def _read_umask() -> int:
    mask = os.umask(0o077)  # the only way to read it is to set it, so it is done once, before any thread starts
    os.umask(mask)
    return mask


_UMASK = _read_umask()
