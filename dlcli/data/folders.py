"""Files of folders, where a folder that cannot be read is an error: the library's own globs pass over it in silence.

What systems and tools put beside files of their own, such as ._a.jpg of macOS, is no file of a set.
"""

import os
from pathlib import Path

from dlcli.errors import DataError

ABSENT = (FileNotFoundError, NotADirectoryError)
NOT_OF_SETS = frozenset({".ipynb_checkpoints", "__MACOSX", "__pycache__", "@eaDir", ".DS_Store", "Thumbs.db"})
RESOURCE_FORK = "._"  # how macOS begins the names of what it keeps beside a file


def files_in(folder: Path, *endings: str) -> list[Path]:
    """What is right in the folder and ends so (case counts; no ending: all), sorted; [] where there is no folder.

    DataError: the folder is there and cannot be read.
    """
    try:
        names = os.listdir(folder)
    except ABSENT:
        return []
    except OSError as error:
        raise unread(error, folder) from error
    return sorted(folder / name for name in names if name.endswith(endings or ("",)) and is_of_a_set(name))


def files_below(folder: Path, *endings: str) -> list[Path]:
    """The same of the folder and all folders below it, but those that are links; folders themselves are left out."""
    wanted, found = endings or ("",), []
    for at, folders, names in os.walk(folder, onerror=lambda error: _raise(error, folder)):
        folders[:] = filter(is_of_a_set, folders)
        found += [Path(at, name) for name in names if name.endswith(wanted) and is_of_a_set(name)]
    return sorted(found)


def is_of_a_set(name: str) -> bool:
    """Whether a file or folder of this name may belong to a data set."""
    return name not in NOT_OF_SETS and not name.startswith(RESOURCE_FORK)


def unread(error: OSError, folder: Path) -> DataError:
    """What is said of a folder that cannot be read."""
    name = os.fsencode(error.filename or folder).decode("utf-8", "replace")
    return DataError(
        f"{name}: this folder cannot be read: {error.strerror}; check its permissions with ls -ld, or move it away"
    )


def _raise(error: OSError, folder: Path) -> None:
    if not (isinstance(error, ABSENT) and str(error.filename) == str(folder)):
        raise unread(error, folder) from error
