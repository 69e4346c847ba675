"""From what the user typed to an ordered list of images, none twice."""

import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from dlcli.batch.sources.globs import Unread, fixed_folder, matches
from dlcli.batch.sources.standard_input import MOST, STDIN, Room, read_stdin
from dlcli.errors import UsageError
from dlcli.imaging.extensions import EXTENSIONS, looks_like_image, looks_like_video
from dlcli.imaging.fault import WEB, is_web_address
from dlcli.messages import as_text
from dlcli.records import Failure, Source

UNREADABLE = "unreadable"  # the kind of the failure of a folder


class Found(NamedTuple):
    """name: for records. path: to open. base: the folder that its place is below. failure: of a folder."""

    name: str
    path: str
    base: str
    failure: Failure | None = None


@dataclass(frozen=True)
class Root:
    """Below which places are: `given` by --root, else `stored` by the run that --resume goes on with, where that holds
    all images, else the deepest folder that does."""

    given: str | None = None
    stored: str = ""

    def of(self, found: "Sequence[Found]") -> str:
        """UsageError: an image lies outside of the one that was given."""
        if self.given is not None:
            root = os.path.abspath(self.given)
            for item in found:
                if not _lies_in(item.path, root):
                    raise UsageError(
                        f"--root {self.given}: {as_text(item.name)} does not lie in it; name a folder that holds all "
                        "images, or leave --root out"
                    )
            return root
        if self.stored:
            stored = os.path.abspath(self.stored)
            if all(_lies_in(item.path, stored) for item in found):
                return stored
        return common_folder([item.base for item in found])


class NoImageError(UsageError):
    """A folder or glob without an image."""


def find_images(
    inputs: list[str],
    recursive: bool = False,
    out: Path | None = None,
    most: int | None = None,
    root: "Root | None" = None,
) -> list[Source]:
    """The images that `inputs` name, in order.

    An existing path is itself, whatever characters it holds; another with *, ? or [ is a glob; "-" is one image's
    bytes on standard input; a named file that does not exist stays in the list and becomes a failure later. A folder
    means its own images, with `recursive` also those of its folders; links to folders are not followed. The
    folder `out` is never searched. A folder below that cannot be listed is a source that fails. most: bytes that the
    names may take, and standard input. root: below which the places are. UsageError: nothing was named, a folder or
    glob holds no image, a folder that was named cannot be listed, or the names take more.
    """
    if not inputs:
        raise UsageError("nothing to work on; name images, folders or globs, or - for standard input")
    if "" in inputs:
        raise UsageError("one of the sources is empty; is a variable of your shell not set?")
    room, found = Room(most), []
    for item in _without_repeats(item for text in inputs for item in _expand(text, recursive, out)):
        room.add(item.path)
        found.append(item)
    above = (root or Root()).of([item for item in found if item.path != STDIN])
    return [_source(item, above, most) for item in found]


def _expand(text: str, recursive: bool, out: Path | None) -> Iterable[Found]:
    if text == STDIN:
        return [Found(STDIN, STDIN, "")]
    if os.path.isdir(text):
        return _folder(text, recursive, out)
    if os.path.lexists(text) or not glob.has_magic(text):
        return [Found(text, text, os.path.dirname(os.path.abspath(text)))]
    unread: Unread = {}
    names = sorted(name for name in matches(text, unread) if _is_match(name, out))
    base = fixed_folder(text)
    failed = [_unread(folder.rstrip("/") or folder or ".", base, unread[folder]) for folder in sorted(unread)]
    found = [*(Found(name, name, base) for name in names), *(item for item in failed if not _below(item.path, out))]
    if not found and is_web_address(text):  # whose ? is no pattern
        raise NoImageError(f"{as_text(text)}: no such file; {WEB}")
    if not found:
        raise NoImageError(f"{as_text(text)}: matches no image ({_kinds()})")
    return found


def _folder(folder: str, recursive: bool, out: Path | None) -> Iterator[Found]:
    empty = True
    for found in _walk(folder, recursive, out):
        empty = False
        yield found
    if empty:
        deeper = "" if recursive else "; -r looks into its folders too"
        raise NoImageError(f"{as_text(folder)}: no image in this folder ({_kinds()}){deeper}")


def _is_match(name: str, out: Path | None) -> bool:
    return (looks_like_image(name) or looks_like_video(name)) and not os.path.isdir(name) and not _below(name, out)


def _walk(folder: str, recursive: bool, out: Path | None) -> Iterator[Found]:
    """Images of a folder sorted by name, files before folders; and of the folders those that cannot be listed."""
    if out is not None and _same(folder, out):
        raise UsageError(f"{as_text(folder)}: is the --out folder, which is never searched for images")
    root, pending = os.path.abspath(folder), [folder]
    while pending:
        current = pending.pop()
        try:
            files, folders = _listing(current)
        except OSError as error:
            if current == folder:
                raise UsageError(f"{as_text(folder)}: this folder cannot be read: {error.strerror}") from error
            yield _unread(current, root, error)
            continue
        yield from (Found(path, path, root) for path in files)
        if recursive:
            pending += [path for path in reversed(folders) if out is None or not _same(path, out)]


def _listing(folder: str) -> tuple[list[str], list[str]]:
    """Images and folders of a folder, each sorted. OSError: it cannot be listed."""
    with os.scandir(folder) as entries:
        ordered = sorted(entries, key=lambda entry: entry.name)
    files, folders = [], []
    for entry in ordered:
        path = f"{folder.rstrip('/')}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            folders.append(path)
        elif looks_like_image(entry.name) and not os.path.isdir(path):
            files.append(path)
    return files, folders


def _unread(folder: str, base: str, error: OSError) -> Found:
    """A folder that was not named, and cannot be listed: one input that fails, whatever it may hold."""
    message = (
        f"{as_text(folder)}: this folder cannot be read ({error.strerror}), so its images are missing; check its "
        "permissions with ls -ld, or pass --skip-bad"
    )
    return Found(folder, folder, base, Failure(UNREADABLE, message))


def _without_repeats(items: Iterable[Found]) -> Iterator[Found]:
    seen = set()
    for item in items:
        key = _key(item.path)
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


def _source(found: Found, root: str, most: int | None) -> Source:
    if found.path == STDIN:
        return _standard_input(most)
    below = os.path.relpath(os.path.abspath(found.path), root)
    return Source(found.name, Path(found.path), PurePosixPath(below), failure=found.failure)


def _standard_input(most: int | None) -> Source:
    place = PurePosixPath("stdin.png")
    try:
        return Source(STDIN, None, place, read_stdin(MOST if most is None else most))
    except OverflowError as error:
        limit = "are read" if most is None else "there is room for within --max-memory"
        message = f"-: standard input holds {error}, which is all that {limit}; name a file, or make the image smaller"
        return Source(STDIN, None, place, failure=Failure("memory" if most else "too-large", message))


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


def _lies_in(path: str, root: str) -> bool:
    return os.path.commonpath([os.path.abspath(path), root]) == root


def _kinds() -> str:
    return " ".join(sorted(EXTENSIONS))
