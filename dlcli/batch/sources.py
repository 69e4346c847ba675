"""From what the user typed to an ordered list of pictures, none twice."""

import codecs
import glob
import itertools
import os
import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from dlcli.errors import UsageError
from dlcli.imaging.extensions import EXTENSIONS, looks_like_picture, looks_like_video
from dlcli.records import Source

STDIN = "-"
Found = tuple[str, str, str]  # the name for records, the path to open, the folder that its place is below


def find_pictures(inputs: list[str], recursive: bool = False, out: Path | None = None) -> list[Source]:
    """The pictures that `inputs` name, in order.

    An existing path is itself, whatever characters it holds; another with *, ? or [ is a glob; "-" is one picture's
    bytes on standard input; a named file that does not exist stays in the list and becomes a failure later. A folder
    means its own pictures, with `recursive` also those of its folders; links to folders are not followed. The
    folder `out` is never searched. UsageError: nothing was named, or a folder or glob holds no picture.
    """
    if not inputs:
        raise UsageError("nothing to work on; name pictures, folders or globs, or - for standard input")
    if "" in inputs:
        raise UsageError("one of the sources is empty; is a variable of your shell not set?")
    found = list(_without_repeats(item for text in inputs for item in _expand(text, recursive, out)))
    root = common_folder([base for _, path, base in found if path != STDIN])
    return [_source(name, path, root) for name, path, _ in found]


def read_list(file: str, null: bool) -> list[str]:
    """The names in a --files-from list: one a line, or with `null` ended by NULs; empty ones are skipped."""
    try:
        data = read_stdin() if file == STDIN else Path(file).read_bytes()
    except OSError as error:
        raise UsageError(f"--files-from {file}: cannot be read: {error.strerror}") from error
    data = data.removeprefix(codecs.BOM_UTF8)
    parts = data.split(b"\0") if null else (line.removesuffix(b"\r") for line in data.split(b"\n"))
    if not null and b"\0" in data:
        raise UsageError(f"--files-from {file}: its names end with NULs; pass -0 too")
    return [os.fsdecode(part) for part in parts if part]


def read_stdin() -> bytes:
    """All of standard input. UsageError where it is closed."""
    if sys.stdin is None:
        raise UsageError("-: standard input is closed; pipe the bytes in, or name a file")
    return sys.stdin.buffer.read()


def _expand(text: str, recursive: bool, out: Path | None) -> list[Found]:
    if text == STDIN:
        return [(STDIN, STDIN, "")]
    if os.path.isdir(text):
        found = list(_walk(text, recursive, out))
        if not found:
            deeper = "" if recursive else "; -r looks into its folders too"
            raise UsageError(f"{_shown(text)}: no picture in this folder ({_kinds()}){deeper}")
        return found
    if os.path.lexists(text) or not glob.has_magic(text):
        return [(text, text, os.path.dirname(os.path.abspath(text)))]
    names = sorted(_matches(text))
    base = _fixed_folder(text)
    found = [(name, name, base) for name in names if _is_match(name, out)]
    if not found:
        raise UsageError(f"{_shown(text)}: matches no picture ({_kinds()})")
    return found


def _matches(pattern: str) -> set[str]:
    """Names that match, `**` standing for any folders; those that begin with a dot, and links, are not gone into.

    glob.glob follows links there, so that two links to their own folder keep it busy for ever.
    """
    parts = pattern.split("/")
    if "**" not in parts:
        return set(glob.glob(pattern))
    at = parts.index("**")
    start = "".join(f"{part}/" for part in parts[:at])
    rest = "/".join(list(itertools.dropwhile(lambda part: part == "**", parts[at:])) or ["*"])
    folders = glob.glob(start) if start else [""]
    return {name for folder in folders for below in _below_here(folder) for name in _matches(glob.escape(below) + rest)}


def _below_here(folder: str) -> Iterator[str]:
    """The folder and all below it, each with a / at its end ("" for the working folder)."""
    yield folder
    with suppress(OSError), os.scandir(folder or ".") as entries:
        for entry in entries:
            if not entry.name.startswith(".") and entry.is_dir(follow_symlinks=False):
                yield from _below_here(f"{folder}{entry.name}/")


def _is_match(name: str, out: Path | None) -> bool:
    return (looks_like_picture(name) or looks_like_video(name)) and not os.path.isdir(name) and not _below(name, out)


def _fixed_folder(pattern: str) -> str:
    """The folder before the first part of a glob that is one."""
    fixed = os.path.abspath(pattern)
    while glob.has_magic(fixed):
        fixed = os.path.dirname(fixed)
    return fixed


def _walk(folder: str, recursive: bool, out: Path | None) -> Iterator[Found]:
    """Pictures of a folder sorted by name, files before folders."""
    if out is not None and _same(folder, out):
        raise UsageError(f"{_shown(folder)}: is the --out folder, which is never searched for pictures")
    root, pending = os.path.abspath(folder), [folder]
    while pending:
        current = pending.pop()
        files, folders = [], []
        for entry in _entries(current):
            path = f"{current.rstrip('/')}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            elif looks_like_picture(entry.name) and not os.path.isdir(path):
                files.append(path)
        yield from ((path, path, root) for path in files)
        if recursive:
            pending += [path for path in reversed(folders) if out is None or not _same(path, out)]


def _entries(folder: str) -> list["os.DirEntry[str]"]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        raise UsageError(f"{_shown(folder)}: this folder cannot be read: {error.strerror}") from error


def _without_repeats(items: Iterable[Found]) -> Iterator[Found]:
    seen = set()
    for item in items:
        key = _key(item[1])
        if key not in seen:
            seen.add(key)
            yield item


def _key(path: str) -> str:
    """Equal for two ways to one directory entry, through links to folders too."""
    if path == STDIN:
        return path
    folder, name = os.path.split(os.path.abspath(path))
    return os.path.join(os.path.realpath(folder), name)


def common_folder(folders: list[str]) -> str:
    """The deepest folder that holds them all: outputs mirror the tree below it."""
    return os.path.commonpath(folders) if folders else ""


def _source(name: str, path: str, root: str) -> Source:
    if path == STDIN:
        return Source(STDIN, None, PurePosixPath("stdin.png"), read_stdin())
    below = os.path.relpath(os.path.abspath(path), root)
    return Source(name, Path(path), PurePosixPath(below))


def refuse_other_habits(inputs: Iterable[str], options: Iterable[str]) -> None:
    """`conf=0.25`, as other tools have it, is no file: say what it is called here. UsageError."""
    known = set(options)
    for text in inputs:
        match = re.fullmatch(r"-{0,2}([A-Za-z][\w-]*)=(.*)", text, re.DOTALL)
        if not match or os.path.lexists(text):
            continue
        name = match.group(1).replace("_", "-")
        if name in known:
            raise UsageError(f"{text}: no such file; did you mean --{name} {match.group(2)}")
        if name in ("source", "mode", "task"):
            raise UsageError(f"{text}: no such file; sources stand alone: dlcli detect {match.group(2)}")


def _same(path: str, folder: Path) -> bool:
    return os.path.realpath(path) == os.path.realpath(folder)


def _below(path: str, folder: Path | None) -> bool:
    if folder is None:
        return False
    root = os.path.realpath(folder)
    return os.path.commonpath([os.path.realpath(path), root]) == root


def _kinds() -> str:
    return " ".join(sorted(EXTENSIONS))


def _shown(text: str) -> str:
    return os.fsencode(text).decode("utf-8", "replace")
