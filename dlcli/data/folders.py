"""Files of folders, where a folder that cannot be read is an error: the library's own globs pass over it in silence."""

import os
from pathlib import Path

from dlcli.errors import DataError

ABSENT = (FileNotFoundError, NotADirectoryError)


def files_in(folder: Path, *endings: str) -> list[Path]:
    """What is right in the folder and ends so (case counts; no ending: all), sorted; [] where there is no folder.

    DataError: the folder is there and cannot be read.
    """
    try:
        return sorted(folder / name for name in os.listdir(folder) if name.endswith(endings or ("",)))
    except ABSENT:
        return []
    except OSError as error:
        raise unread(error, folder) from error


def files_below(folder: Path, *endings: str) -> list[Path]:
    """The same of the folder and all folders below it, but those that are links; folders themselves are left out."""
    wanted = endings or ("",)
    walked = os.walk(folder, onerror=lambda error: _raise(error, folder))
    return sorted(Path(at, name) for at, _, names in walked for name in names if name.endswith(wanted))


def unread(error: OSError, folder: Path) -> DataError:
    """What is said of a folder that cannot be read."""
    name = os.fsencode(error.filename or folder).decode("utf-8", "replace")
    return DataError(
        f"{name}: this folder cannot be read: {error.strerror}; check its permissions with ls -ld, or move it away"
    )


def _raise(error: OSError, folder: Path) -> None:
    if not (isinstance(error, ABSENT) and str(error.filename) == str(folder)):
        raise unread(error, folder) from error
