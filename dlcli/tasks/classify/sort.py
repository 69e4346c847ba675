"""`--sort-into DIR`: images into a folder per class, copied, linked or moved, and never over another file."""

import filecmp
import os
import stat
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import Any

from dlcli.errors import DlcliError, ImageError, UsageError
from dlcli.imaging.formats.sniff import HEAD, format_of
from dlcli.messages import as_text
from dlcli.records import Source
from dlcli.tasks.classify.options import ClassifyOptions
from dlcli.tasks.detect.result import file_word
from dlcli.whole_file import NO_LINKS, rename_new, sync, write_new

UNSURE = "unsure"
SUFFIXES = {"JPEG": ".jpg", "PNG": ".png", "WEBP": ".webp", "TIFF": ".tif", "BMP": ".bmp", "GIF": ".gif"}


class Sorter:
    """Puts images below `options.sort_into`; `put` may be called from several threads. labels: of all classes, by id;
    equal ones share a folder."""

    def __init__(self, options: ClassifyOptions, labels: Sequence[str]):
        assert options.sort_into is not None
        self.root, self.link, self.move = options.sort_into, options.link, options.move
        names = list(dict.fromkeys(labels))  # those of one group are alike
        folders = dict(zip(names, class_folders(names), strict=True))
        self.folders = [folders[label] for label in labels]
        self._earlier = [name for name in (*folders.values(), UNSURE) if (self.root / name).is_dir()]  # of earlier runs
        self._named: set[Path] = set()  # folders whose names are on the disk
        # with --move of two equal files the second must see that the first is gone
        self._one_at_a_time: AbstractContextManager[Any] = Lock() if self.move else nullcontext()

    def put(self, source: Source, class_id: int | None) -> str:
        """Where the image went, as text: DIR/CLASS/PLACE, or DIR/unsure/PLACE for None.

        A file that is there already with the same bytes is left. ImageError: another file of that name is there,
        or, with --move, a link to the original or the original itself; no hard link can be made, or the original
        cannot be removed. DlcliError: DIR cannot be written.
        """
        folder = UNSURE if class_id is None else self.folders[class_id]
        goal = self.root / folder / named(source)
        with self._one_at_a_time:
            before = _state(source.path) if self.move and source.path is not None else None
            self._place(source, goal)
            if before is not None and source.path is not None:
                _remove(source, source.path, goal, before)
        return as_text(goal)

    def _place(self, source: Source, goal: Path) -> None:
        try:
            goal.parent.mkdir(parents=True, exist_ok=True)
            if os.path.lexists(goal):
                self._refuse_other(source, goal)
            elif self._moved_here(source, goal):
                pass
            elif self.link:
                self._hard_link(source, goal)
            elif source.path is None:
                write_new(goal, source.content)
            elif not (self.move and _renamed(source.path, goal)):
                write_new(goal, source.path)
            if self.move:
                self._sync(goal)
        except FileExistsError:
            raise _occupied(source, goal) from None
        except OSError as error:
            raise DlcliError(
                f"{as_text(goal)}: cannot be written: {error.strerror}; free some space or choose another --sort-into"
            ) from error

    def _moved_here(self, source: Source, goal: Path) -> bool:
        """Whether an earlier run had sorted the image into another class: its copy, of the same bytes, is moved."""
        for folder in self._earlier:
            other = self.root / folder / named(source)
            if other == goal or other.is_symlink() or not self._is_copy(source, other):
                continue
            rename_new(other, goal)
            for empty in other.parents:
                if empty == self.root:
                    break
                with suppress(OSError):  # it holds something else
                    empty.rmdir()
            return True
        return False

    def _is_copy(self, source: Source, other: Path) -> bool:
        """Whether a file is a second one with the image's bytes, or a second name of it."""
        try:
            if not stat.S_ISREG(os.lstat(other).st_mode):
                return False
            if source.path is None:
                return other.read_bytes() == source.content
            return os.path.realpath(source.path) != os.path.realpath(other) and filecmp.cmp(
                source.path, other, shallow=False
            )
        except OSError:
            return False

    def _sync(self, goal: Path) -> None:
        """Have the disk hold the file and its name, so that the original may go."""
        sync(goal)
        sync(goal.parent)
        for folder in (goal.parent, *goal.parent.parents):
            if folder in self._named or not folder.is_relative_to(self.root):
                return
            sync(folder.parent)
            self._named.add(folder)

    def _refuse_other(self, source: Source, goal: Path) -> None:
        if source.path is not None:
            same = goal.is_file() and filecmp.cmp(source.path, goal, shallow=False)
        else:
            same = goal.is_file() and goal.read_bytes() == source.content
        if not same:
            raise _occupied(source, goal)
        if self.move and source.path is not None and not _is_second(source.path, goal):
            words = f"{as_text(goal)} is a link, or the image itself, and no second copy, so the image stays"
            raise ImageError("exists", f"{source.text}: {words}; remove the link, or choose another --sort-into")

    def _hard_link(self, source: Source, goal: Path) -> None:
        assert source.path is not None
        try:
            os.link(os.path.realpath(source.path), goal)
        except OSError as error:
            if error.errno not in NO_LINKS:
                raise
            raise ImageError(
                "unlinkable",
                f"{source.text}: cannot be linked to {as_text(goal)}: hard links stay within one file system that has "
                "them; leave out --link to copy, or choose --sort-into on the file system of the images",
            ) from None


def class_folders(labels: Sequence[str]) -> list[str]:
    """A folder's name for each label, no two alike on a file system that ignores case, none `unsure`."""
    taken, names = {UNSURE}, []
    for number, label in enumerate(labels):
        word = file_word(label)
        while word.casefold() in taken:
            word = f"{word}-{number}"
        taken.add(word.casefold())
        names.append(word)
    return names


def named(source: Source) -> PurePosixPath:
    """The image's place; one from standard input gets the ending of what it is."""
    if source.path is not None:
        return source.place
    return source.place.with_suffix(SUFFIXES.get(format_of(source.content[:HEAD]) or "", ".png"))


def _renamed(path: Path, goal: Path) -> bool:
    """Whether the file itself got a second name, so that nothing need be copied; not a link to one."""
    if path.is_symlink():
        return False
    try:
        os.link(path, goal)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        return False
    return True


def _is_second(path: Path, goal: Path) -> bool:
    """Whether the bytes stay at `goal` when `path` is removed: a regular file, and by another way than a link.

    One file under two names is the first half of a move; then the names must be two also where a folder is reached by
    two ways, as a mount gives it.
    """
    there = os.lstat(goal)
    if not stat.S_ISREG(there.st_mode) or os.path.realpath(path) == os.path.realpath(goal):
        return False
    if not os.path.samestat(os.stat(path), there):
        return True
    return there.st_nlink > 1 and not os.path.samefile(path.parent, goal.parent)


def _state(path: Path) -> tuple[int, int, int] | None:
    """What changes when somebody writes to a file or replaces it; None where it is gone."""
    with suppress(OSError):
        found = os.stat(path)
        return found.st_ino, found.st_size, found.st_mtime_ns
    return None


def _remove(source: Source, path: Path, goal: Path, before: tuple[int, int, int] | None) -> None:
    """before: what `_state` was before the copy was made; what was written since is only in the original."""
    try:
        if _state(path) != before and not os.path.samefile(path, goal):
            words = (
                f"was written to while it was copied to {as_text(goal)}, so it stays; remove that copy, and sort again"
            )
            raise ImageError("unmovable", f"{source.text}: {words}")
        os.unlink(path)
    except OSError as error:
        raise ImageError(
            "unmovable", f"{source.text}: is copied to {as_text(goal)}, but stays: {error.strerror}; remove it by hand"
        ) from error


def refuse_places(options: ClassifyOptions, out: Path | None, walked: Sequence[str], sources: Sequence[Source]) -> None:
    """UsageError where sorting would meet what is sorted, or what is saved.

    walked: folders that are searched in depth.
    """
    goal = os.path.realpath(options.sort_into or "")
    name = f"--sort-into {as_text(Path(options.sort_into or ''))}"
    if os.path.lexists(goal) and not os.path.isdir(goal):
        raise UsageError(f"{name}: is a file; name a folder")
    if out is not None and (_below(goal, os.path.realpath(out)) or _below(os.path.realpath(out), goal)):
        raise UsageError(f"{name}: lies in --out {out}, or the other way round; name two folders")
    for folder in walked:
        if os.path.isdir(folder) and _below(goal, os.path.realpath(folder)):
            raise UsageError(f"{name}: lies in {folder}, which is searched for images; name a folder outside of it")
    for source in sources:
        if source.path is None and (options.link or options.move):
            word = "moved" if options.move else "linked"
            raise UsageError(f"-: standard input cannot be {word}; name the file, or sort a copy")
        if source.path is not None and _below(os.path.realpath(source.path.parent), goal):
            raise UsageError(f"{name}: {source.text} lies in it already; name another folder")


def _below(path: str, folder: str) -> bool:
    """Whether a real path is the folder or lies in it."""
    return os.path.commonpath([path, folder]) == folder


def _occupied(source: Source, goal: Path) -> ImageError:
    words = f"{as_text(goal)} is another file; rename one of them, or choose another --sort-into"
    return ImageError("exists", f"{source.text}: {words}")
