"""Finds and reads the settings files that hold for a folder: pyproject.toml's [tool.dlcli], and dlcli.toml."""

import errno
import os
import re
import stat
from pathlib import Path
from typing import Any

from dlcli.errors import UsageError
from dlcli.frozen import dataclass

PYPROJECT, OWN = "pyproject.toml", "dlcli.toml"
LARGEST, DEEPEST = 1 << 20, 64  # bytes of a file; dots of a key
_SEPARATORS = re.compile(r"[\s,\"'={}\[\]]+")
_HEADER = re.compile(r"\s*\[([^\[\]=]+)\]\s*(#.*)?$")
_ENTRY = re.compile(r"""\s*([\w.\-"' ]+?)\s*=""")


@dataclass(frozen=True)
class SettingsFile:
    """path: as it is reported. table: what it sets. head: what stands before our names in its [tables].

    file: the same from anywhere; None of a table that is in no file.
    """

    path: str
    table: dict[str, Any]
    head: tuple[str, ...]
    text: str
    file: Path | None = None

    def place(self, keys: tuple[str, ...]) -> str:
        """ "dlcli.toml:3", of the key at the end of `keys`; without the line where none is surely right."""
        line = line_of(self.text, (*self.head, *keys))
        return f"{self.path}:{line}" if line else self.path

    def title(self, tables: tuple[str, ...]) -> str:
        """ "[tool.dlcli.detect] ", "" for the top of dlcli.toml."""
        names = (*self.head, *tables)
        return f"[{'.'.join(names)}] " if names else ""


def here() -> Path:
    """The working directory."""
    try:
        return Path.cwd()
    except OSError:  # it was removed
        return Path("/")


def find_settings(folder: Path) -> list[SettingsFile]:
    """The nearest of each of the two from `folder` upwards, weakest first.

    The search ends at the root of a repository (a folder that holds .git) or of a file system. UsageError names a file
    that cannot be read.
    """
    found: dict[str, SettingsFile] = {}
    for place in folders_upwards(folder):
        for name in (PYPROJECT, OWN):
            if name not in found and os.path.isfile(place / name):
                file = read_settings(place / name, folder)
                if file is not None:
                    found[name] = file
    return [found[name] for name in (PYPROJECT, OWN) if name in found]


def folders_upwards(folder: Path) -> list[Path]:
    """The folder and those above it, up to the root of its repository or file system."""
    places = []
    for place in (folder, *folder.parents):
        places.append(place)
        if os.path.lexists(place / ".git") or os.path.ismount(place):
            break
    return places


def read_settings(path: Path, folder: Path) -> SettingsFile | None:
    """The file as seen from `folder`; None for a pyproject.toml that does not name us."""
    shown, ours = os.path.relpath(path, folder), path.name == OWN
    try:
        data = _read(path)
        if not ours and b"dlcli" not in data:
            return None  # not parsed: quick, and no business of ours if it is broken
        text = data.decode()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "its text is not UTF-8"
        raise UsageError(f"{shown}: cannot be read: {reason}; fix it, or pass dlcli --no-settings") from None
    table = parse_toml(text, shown)
    if ours:
        return SettingsFile(shown, table, (), text, path)
    tool = table.get("tool")
    if not isinstance(tool, dict) or "dlcli" not in tool:
        return None
    if not isinstance(tool["dlcli"], dict):
        raise UsageError(f"{shown}: tool.dlcli: expected a table, such as [tool.dlcli]")
    return SettingsFile(shown, tool["dlcli"], ("tool", "dlcli"), text, path)


def _read(path: Path) -> bytes:
    """The bytes of a regular file. OSError: it is a device or the like, gives none at once, or holds too many."""
    with open(path, "rb", buffering=0, opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no file")
        data = b""
        while part := file.read(LARGEST + 1 - len(data)):
            data += part
        if len(data) > LARGEST:
            raise OSError(errno.EFBIG, f"it has more than {LARGEST:,} bytes")
    return data


def parse_toml(text: str, shown: str) -> dict[str, Any]:
    """UsageError, which begins with the file as `shown`: it is none, or nested too deeply."""
    import tomllib

    try:
        if any(word.count(".") > DEEPEST for word in _SEPARATORS.split(text) if word.strip(".")):
            raise RecursionError  # for each dot of a key tomllib walks down from the top
        return tomllib.loads(text)
    except ValueError as error:  # also of a number with thousands of digits
        raise UsageError(f"{shown}: this is not TOML: {error}") from None
    except RecursionError:
        raise UsageError(f"{shown}: this is not TOML: its values are nested too deeply") from None


def line_of(text: str, keys: tuple[str, ...]) -> int:
    """The line of a key or table, from 1; 0 where plain reading does not find exactly one.

    Plain reading knows [tables] and KEY = VALUE lines; tomllib itself tells no lines.
    """
    found: list[int] = []
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header, entry = _HEADER.match(line), _ENTRY.match(line)
        if header:
            table = named = _split(header[1])
        elif entry:
            named = (*table, *_split(entry[1]))
        else:
            continue
        if named == keys:
            found.append(number)
    return found[0] if len(found) == 1 else 0


def _split(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))
