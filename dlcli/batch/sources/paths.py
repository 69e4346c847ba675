"""From what the user typed to an ordered list of images, none twice."""

import glob
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath

from dlcli.batch.sources.addresses import is_address, location
from dlcli.batch.sources.archives import images_of, is_archive
from dlcli.batch.sources.globs import Unread, fixed_folder, matches
from dlcli.batch.sources.listing import FoundSources, hashed_twice
from dlcli.batch.sources.skipped import OUTPUTS, Skipped, is_output
from dlcli.batch.sources.standard_input import MOST, STDIN, Room, read_stdin
from dlcli.batch.sources.tree import Found, Root
from dlcli.data.folders import is_of_a_set
from dlcli.errors import ImageError, UsageError
from dlcli.frozen import dataclass
from dlcli.imaging.extensions import EXTENSIONS, looks_like_image, looks_like_video
from dlcli.imaging.fault import WEB, is_web_address
from dlcli.messages import as_text
from dlcli.records import Failure, Source

UNREADABLE = "unreadable"  # the kind of the failure of a folder


class NoImageError(UsageError):
    """A folder or glob without an image."""


def find_images(
    inputs: list[str],
    recursive: bool = False,
    out: Path | None = None,
    most: int | None = None,
    root: Root | None = None,
    skipped: Skipped | None = None,
    allow_empty: bool = False,
) -> Sequence[Source]:
    """The images that `inputs` name, in order.

    An existing path is itself, whatever characters it holds; another with *, ? or [ is a glob; "-" is one image's
    bytes on standard input; a named file that does not exist stays in the list and becomes a failure later. A folder
    means its own images, with `recursive` also those of its folders; links to folders are not followed. A .zip or .tar
    means all images in it. The
    folder `out` is never searched. A folder below that cannot be listed is a source that fails. most: bytes that the
    names may take, and standard input. root: below which the places are. skipped:
    counts what is not looked at; folders below of earlier runs are left out. allow_empty: a folder or glob without an
    image is none. UsageError: nothing was named, a folder or
    glob holds no image, a folder that was named cannot be listed, or the names take more.
    """
    if not inputs:
        raise UsageError("nothing to work on; name images, folders or globs, or - for standard input")
    if "" in inputs:
        raise UsageError("one of the sources is empty; is a variable of your shell not set?")
    room, found = Room(most), FoundSources()
    walk = Walk(recursive, out, skipped, allow_empty)
    for text in inputs:
        for item in _expand(text, walk):
            room.add(item.name)
            found.add(item)
    if len(inputs) > 1 or not os.path.isdir(inputs[0]):  # a folder that is walked holds nothing twice
        found = _without_repeats(found)
    found.root = (root or Root()).of((name for name in found.names() if name != STDIN), filter(None, found.bases))
    if STDIN in inputs:
        found.stdin = _standard_input(most)
    return found


@dataclass(frozen=True)
class Walk:
    """How folders are searched; see `find_images`."""

    recursive: bool
    out: Path | None
    skipped: Skipped | None
    allow_empty: bool = False


def _expand(text: str, walk: Walk) -> Iterable[Found]:
    if text == STDIN:
        return [Found(STDIN, "")]
    if is_address(text):  # whatever lies here: a name of this form is an address wherever it comes up
        return _addresses(text, walk)
    if os.path.isdir(text):
        return _folder(text, walk)
    if is_archive(text):
        return _archive(text, walk)
    if os.path.lexists(text) or not glob.has_magic(text):
        return [Found(text, os.path.dirname(os.path.abspath(text)))]
    unread: Unread = {}
    base, out = fixed_folder(text), walk.out
    names = sorted(_matching(matches(text, unread), base, walk))
    failed = [_unread(folder.rstrip("/") or folder or ".", base, unread[folder]) for folder in sorted(unread)]
    found = [*(Found(name, base) for name in names), *(item for item in failed if not _below(item.name, out))]
    if not found and is_web_address(text):  # whose ? is no pattern
        raise NoImageError(f"{as_text(text)}: no such file; {WEB}")
    if not found and not walk.allow_empty:
        raise NoImageError(f"{as_text(text)}: matches no image ({_kinds()}){_but(walk.skipped)}")
    return found


def _folder(folder: str, walk: Walk) -> Iterator[Found]:
    empty = True
    for found in _walk(folder, walk.recursive, walk.out, walk.skipped):
        empty = False
        yield found
    if empty and not walk.allow_empty:
        deeper = "" if walk.recursive else "; -r looks into its folders too"
        raise NoImageError(f"{as_text(folder)}: no image in this folder ({_kinds()}){_but(walk.skipped)}{deeper}")


def _archive(path: str, walk: Walk) -> Iterator[Found]:
    """Images of a .zip or .tar, whatever folder they are in there."""
    base = os.path.abspath(path)
    try:
        images, others = images_of(path)
    except ImageError as error:
        yield Found(path, os.path.dirname(base), Failure(error.kind, str(error)))
        return
    for member in images:
        yield Found(f"{path}/{member.name}", base, member=member)
    if walk.skipped is not None:
        walk.skipped.left(others, [], 0)
    if not images and not walk.allow_empty:
        raise NoImageError(f"{as_text(path)}: no image in this archive ({_kinds()}){_but(walk.skipped)}")


def _addresses(text: str, walk: Walk) -> Iterator[Found]:
    """Images at an address, or below it."""
    from dlcli.batch.sources.remote import addresses_of

    base, names = addresses_of(text, walk.recursive)
    empty = True
    for name in names:
        empty = False
        yield Found(name, location(base))
    if empty and not walk.allow_empty:
        raise NoImageError(f"{as_text(text)}: no image there ({_kinds()}); -r looks into its folders too")


def _but(skipped: Skipped | None) -> str:
    return f"; {skipped.clause()}" if skipped is not None and skipped.total else ""


def _matching(names: Iterable[str], base: str, walk: Walk) -> Iterator[str]:
    """Those that are images or videos; others that look like images are counted."""
    left: dict[str, bool] = {}  # folders, and whether they lie in an earlier run's output
    for name in names:
        if os.path.isdir(name) or _below(name, walk.out):
            continue
        if _in_output(os.path.dirname(os.path.abspath(name)), base, left, walk.skipped):
            continue
        if looks_like_image(name) or looks_like_video(name):
            yield name
        elif walk.skipped is not None:
            walk.skipped.file(name)


def _in_output(folder: str, base: str, left: dict[str, bool], skipped: Skipped | None) -> bool:
    """Whether a folder below `base` is, or lies in, one that an earlier run wrote into; each is counted once."""
    if folder == base or len(folder) <= len(base):
        return False
    if folder not in left:
        left[folder] = _in_output(os.path.dirname(folder), base, left, skipped)
        if not left[folder] and is_output(folder):
            left[folder] = True
            if skipped is not None:
                skipped.add(OUTPUTS)
    return left[folder]


def _walk(folder: str, recursive: bool, out: Path | None, skipped: Skipped | None = None) -> Iterator[Found]:
    """Images of a folder sorted by name, files before folders; and of the folders those that cannot be listed.

    Folders below that an earlier run wrote into are left out.
    """
    if out is not None and _same(folder, out):
        raise UsageError(f"{as_text(folder)}: is the --out folder, which is never searched for images")
    root, pending = os.path.abspath(folder), [folder]
    while pending:
        current = pending.pop()
        try:
            files, folders, others = _listing(current)
        except OSError as error:
            if current == folder:
                raise UsageError(f"{as_text(folder)}: this folder cannot be read: {error.strerror}") from error
            yield _unread(current, root, error)
            continue
        yield from (Found(path, root) for path in files)
        inner = [path for path in folders if out is None or not _same(path, out)]
        written = {path for path in inner if is_output(path)}
        inner = [path for path in inner if path not in written]
        if recursive:
            pending += reversed(inner)
        if skipped is not None and skipped.is_new(current):
            skipped.left(others, [] if recursive else inner, len(written))


def _listing(folder: str) -> tuple[list[str], list[str], list[str]]:
    """Images, folders and other files of a folder, each sorted. OSError: it cannot be listed.

    What systems and tools keep there for themselves, such as ._a.jpg and .ipynb_checkpoints, is none of it.
    """
    with os.scandir(folder) as entries:
        ordered = sorted((entry for entry in entries if is_of_a_set(entry.name)), key=lambda entry: entry.name)
    files, folders, others = [], [], []
    for entry in ordered:
        path = f"{folder.rstrip('/')}/{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            folders.append(path)
        elif looks_like_image(entry.name):
            if not (entry.is_symlink() and os.path.isdir(path)):
                files.append(path)
        else:
            others.append(path)
    return files, folders, others


def _unread(folder: str, base: str, error: OSError) -> Found:
    """A folder that was not named, and cannot be listed: one input that fails, whatever it may hold."""
    message = (
        f"{as_text(folder)}: this folder cannot be read ({error.strerror}), so its images are missing; check its "
        "permissions with ls -ld, or pass --skip-bad"
    )
    return Found(folder, base, Failure(UNREADABLE, message))


def _without_repeats(found: FoundSources) -> FoundSources:
    """Each directory entry once, at its first place."""
    real_folder = lru_cache(maxsize=1024)(os.path.realpath)  # many names, few folders

    def key(path: str) -> str:
        """Equal for two ways to one entry, through links to folders too."""
        if path == STDIN:
            return path
        folder, name = os.path.split(location(path))
        return os.path.join(real_folder(folder), name)

    twice = hashed_twice(map(key, found.names()))
    if not twice:
        return found
    seen, repeats = set[str](), set[int]()
    for number, each in enumerate(map(key, found.names())):
        if hash(each) in twice:
            if each in seen:
                repeats.add(number)
            seen.add(each)
    return found.without(repeats)


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


def _kinds() -> str:
    return " ".join(sorted(EXTENSIONS))
