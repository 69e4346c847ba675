"""Files that appear whole or not at all: every file dlcli writes, except the running record, goes through here."""

import errno
import os
import re
import shutil
import stat
import sys
from contextlib import suppress
from pathlib import Path

from dlcli.errors import ClosedPipeError, DlcliError
from dlcli.file_lock import lock
from dlcli.messages import as_text
from dlcli.signals import gone_at_stop, unbroken

_HEAD, _TAIL = ".dlcli-", ".tmp"
TEMPORARY = f"{_HEAD}*{_TAIL}*"  # names of files that are not whole yet; `kill -9` may leave one behind
_DESCRIPTORS = ("/dev/fd", "/proc/self/fd", "/proc/thread-self/fd")  # folders of what this process has open
_MOST_LINKS = 40  # one behind the other, as Linux has it
_NAME = re.compile(r"\.dlcli-(?:[0-9a-f]{16}|[0-9a-z_]{8})\.tmp(?:\.mp4)?")
NO_LINKS = {errno.EXDEV, errno.EPERM, errno.ENOTSUP, errno.EMLINK}  # this file system has no hard links, or no more
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
    errno.ELOOP: "it is a link that leads to itself; choose another name",
    errno.EPIPE: "nobody reads from it any more",
}


def write_whole(path: Path, data: bytes, replace: bool = True) -> None:
    """Write `data` to `path`, replacing the file that stood there; parent folders are made.

    replace False: FileExistsError, and nothing is changed, where something stands there.

    The bytes go to a dot-named temporary file in the same folder, are flushed to the disk and then renamed, so a
    reader, or `kill -9`, sees the old file or the new one and never a part. A new file has the mode that the umask
    leaves, one that replaces another the mode of that, and its owner where we may give it away.

    A link is followed, and what it points at is replaced or made. What is no regular file (a device, a FIFO, a
    descriptor such as /dev/stdout) is written to. On an error the temporary file is removed and DlcliError (exit 5)
    says why; ClosedPipeError where nobody reads our own output.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with unbroken():
            if replace:
                _write(path, data)
            else:
                _write_and_rename(path, data, None, new=True)
    except OSError as error:
        if isinstance(error, FileExistsError) and not replace and os.path.lexists(path):
            raise
        reason = _ADVICE.get(error.errno or 0, f"{error.strerror or error}; choose another --out")
        shown = as_text(path)
        raise DlcliError(f"{shown}: cannot be written: {reason}") from error


def write_text(path: Path, text: str) -> None:
    """`write_whole` of `text` in UTF-8, its line ends as they are."""
    write_whole(path, text.encode("utf-8"))


def write_new(goal: Path, what: Path | bytes) -> None:
    """A whole new file with these bytes, or with those of a file and its time; FileExistsError where one is there."""
    with gone_at_stop(lambda: new_temporary(goal.parent)) as made:
        _fill_new(*made, goal, what)


def _fill_new(handle: int, temporary: Path, goal: Path, what: Path | bytes) -> None:
    try:
        with os.fdopen(handle, "wb") as file:
            if isinstance(what, bytes):
                file.write(what)
            else:
                with what.open("rb") as original:
                    shutil.copyfileobj(original, file, 1 << 20)
            file.flush()
            if not isinstance(what, bytes):
                shutil.copystat(what, temporary)
            os.fsync(file.fileno())
            rename_new(temporary, goal)
    finally:
        with suppress(OSError):
            os.unlink(temporary)


def is_replaced(path: Path) -> bool:
    """Whether `write_whole` would do away with something: a file, or a link; not a device, a FIFO or a descriptor."""
    if not os.path.lexists(path) or _own_descriptor(path) is not None:
        return False
    return not os.path.exists(path) or os.path.isfile(path) or os.path.isdir(path)


def new_temporary(folder: Path, ending: str = "", mode: int = 0o666) -> tuple[int, Path]:
    """A descriptor and the name of an empty new file in the folder, of `mode` less the umask.

    It is locked until the descriptor is closed, so that `sweep` of another process leaves it alone. OSError.
    """
    while True:
        path = folder / f"{_HEAD}{os.urandom(8).hex()}{_TAIL}{ending}"
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, mode)
        except FileExistsError:
            continue
        if lock(handle) is not False and os.fstat(handle).st_nlink:  # else a sweep has met it at this moment
            return handle, path
        os.close(handle)


def is_temporary(path: Path) -> bool:
    """Whether its name is one that `new_temporary` gives, or tempfile gave before it."""
    return _NAME.fullmatch(path.name) is not None


def sweep(folder: Path, deep: bool = True) -> None:
    """Remove temporary files that processes left which are no more; those in use stay. deep: below the folder too."""
    for path in filter(is_temporary, folder.rglob(TEMPORARY) if deep else folder.glob(TEMPORARY)):
        with suppress(OSError):
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            try:
                if stat.S_ISREG(os.fstat(handle).st_mode) and lock(handle):
                    path.unlink()
            finally:
                os.close(handle)


def sync(path: Path) -> None:
    """Have the disk hold a file's bytes, or the names in a folder. OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):  # some file systems cannot with a folder
            raise
    finally:
        os.close(handle)


def _write(path: Path, data: bytes) -> None:
    descriptor = _own_descriptor(path)
    if descriptor is not None:
        try:
            _write_all(descriptor, data)
        except BrokenPipeError:
            raise ClosedPipeError from None
        return
    try:
        there = os.stat(path)
    except FileNotFoundError:  # also where a link points at nothing
        there = None
    if there is not None and stat.S_ISDIR(there.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if there is not None and not stat.S_ISREG(there.st_mode):
        _write_into(path, data)
    else:
        _write_and_rename(Path(os.path.realpath(path)) if path.is_symlink() else path, data, there)


def _own_descriptor(path: Path) -> int | None:
    """N of /dev/fd/N and /proc/self/fd/N, also by way of links such as /dev/stdout; None for any other path.

    To open such a path again would begin at the start of what was written there already.
    """
    name = str(path)
    for _ in range(_MOST_LINKS):
        folder, last = os.path.split(name)
        if last.isascii() and last.isdigit() and os.path.realpath(folder) in map(os.path.realpath, _DESCRIPTORS):
            return _of_stream(int(last))
        if not os.path.islink(name):
            return None
        name = os.path.join(folder, os.readlink(name))
    return None


def _of_stream(number: int) -> int:
    """Where our own output and errors go: descriptor 2 itself takes the noise of native code."""
    stream = {1: sys.stdout, 2: sys.stderr}.get(number)
    if stream is not None:
        with suppress(OSError, ValueError):  # it is closed, or has no descriptor
            stream.flush()
            return stream.fileno()
    return number


def _write_into(path: Path, data: bytes) -> None:
    """A FIFO waits for somebody who reads."""
    handle = os.open(path, os.O_WRONLY | os.O_NOCTTY)
    try:
        _write_all(handle, data)
    finally:
        os.close(handle)


def _write_all(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _write_and_rename(path: Path, data: bytes, there: os.stat_result | None, new: bool = False) -> None:
    """there: of the regular file that is replaced. new: FileExistsError where something stands there."""
    mode = 0o666 if there is None else stat.S_IMODE(there.st_mode) & 0o777
    handle, temporary = new_temporary(path.parent, mode=mode)
    try:
        _write_all(handle, data)
        if there is not None:
            _make_alike(handle, there, mode)
        os.fsync(handle)
        (rename_new if new else os.replace)(temporary, path)
    except BaseException:  # Ctrl-C too must leave nothing behind
        with suppress(OSError):
            os.unlink(temporary)
        raise
    finally:
        os.close(handle)


def rename_new(temporary: Path, path: Path) -> None:
    """Give a file its name. FileExistsError: something has that name, which stays. OSError."""
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path)) from None
        os.rename(temporary, path)
    else:
        os.unlink(temporary)


def _make_alike(handle: int, there: os.stat_result, mode: int) -> None:
    """Owner, as far as we may, and mode."""
    ours = os.fstat(handle)
    if ours.st_gid != there.st_gid:
        with suppress(OSError):
            os.fchown(handle, -1, there.st_gid)
    if ours.st_uid != there.st_uid:
        with suppress(OSError):
            os.fchown(handle, there.st_uid, -1)
    os.fchmod(handle, mode)
