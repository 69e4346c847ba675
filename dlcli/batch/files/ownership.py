"""Whose a file below --out is: an earlier run's, by its state, or the user's own, which nothing replaces or deletes.

The one place that decides it, for fresh runs, --overwrite, --resume, shards, --watch and --plan. A run's state claims
each file with its size and SHA-256; a file is ours while some state in the folder claims what it holds. States of
earlier versions have sizes alone, and then equal size is taken for equal content. An empty file has nothing to lose.
"""

import json
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from dlcli.claims import Claim, as_claim, claim_of, claim_of_file, digest_of, files_below
from dlcli.errors import ImageError, UsageError
from dlcli.messages import as_text
from dlcli.whole_file import is_temporary, write_whole

NAMED = 3  # files named in a message
STATES = ("results*.state.jsonl", ".results*.state.jsonl.part")


class Ownership:
    """The files that runs wrote below `out`, by their states. `write` and `is_ours` may be called from any thread."""

    def __init__(self, out: Path, claims: Mapping[str, set[Claim]] | None = None):
        self.out = out
        self.claims: dict[str, set[Claim]] = {name: set(found) for name, found in (claims or {}).items()}
        self.whole_run: dict[str, Claim] = {}  # files of the run as a whole
        self.unsettled: dict[str, Claim] = {}  # of images that are not done yet, or failed after they were written
        self.log: Callable[[dict[str, Any]], None] = lambda entry: None  # hears of a file before it is written
        self._checked: dict[str, tuple[int, int, int]] = {}  # ours, while its inode, size and time stay these

    @classmethod
    def of_run(cls, out: Path, states: Collection[str] = ()) -> "Ownership":
        """What the run claims whose state files are called so, none for a new run, and no other run in the folder does.

        Shards share a folder, and a run may lie beside another: what both claim belongs to neither alone.
        """
        found = {path for pattern in STATES for path in out.glob(pattern)}
        others = read_claims(path for path in found if path.name not in states)
        own = read_claims(path for path in found if path.name in states)
        return cls(out, {name: claims for name, claims in own.items() if name not in others})

    def is_ours(self, name: str) -> bool:
        """Whether a run wrote the file, reached through no link, and it holds what the run put there."""
        claims = self.claims.get(name)
        if not claims or self.link_on_the_way(name) is not None:
            return False
        try:
            found = os.lstat(self.out / name)
        except (OSError, ValueError):
            return False
        mark = found.st_ino, found.st_size, found.st_mtime_ns
        if self._checked.get(name) == mark:
            return True
        sums = {digest for size, digest in claims if size == found.st_size}
        known = found.st_size == 0 or "" in sums or bool(sums and digest_of(self.out / name) in sums)
        same = known and stat.S_ISREG(found.st_mode)
        if same:
            self._checked[name] = mark
        return same

    def foreign(self, names: Iterable[str | PurePosixPath], by_size: bool = False) -> Iterator[str]:
        """What stands where these files, or folders of files, would be written, and no run wrote it.

        by_size: without reading what is there; `write` reads it before it replaces it.
        """
        is_ours = self._has_size if by_size else self.is_ours
        for name in names:
            path = self.out / name
            if _is_folder(path):
                found_there = (found for found in files_below(path) if not is_temporary(Path(found)))
                below = (str(PurePosixPath(found).relative_to(self.out)) for found in found_there)
                yield from (found for found in below if not is_ours(found))
            elif os.path.lexists(path) and not is_ours(str(name)):
                yield str(name)

    def link_on_the_way(self, name: str | PurePosixPath) -> PurePosixPath | None:
        """The first folder between `out` and the file that is a link, and may lead anywhere; or that `..` leaves."""
        folders = list(reversed(PurePosixPath(name).parents))[1:]
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            return PurePosixPath(name)
        return next((folder for folder in folders if os.path.islink(self.out / folder)), None)

    def refuse_foreign(self, names: Iterable[str | PurePosixPath], by_size: bool = False) -> None:
        """UsageError: a file of the run would go over one that no run wrote, or through a link out of `out`."""
        if not os.path.isdir(self.out):
            return
        listed = list(names)
        for link in filter(None, map(self.link_on_the_way, listed)):
            raise UsageError(f"--out {self.out}: {as_text(link)} in it is a link, which may lead elsewhere; remove it")
        found = sorted(set(self.foreign(listed, by_size)))
        if found:
            raise UsageError(f"--out {self.out}: {_named(found)}; name another folder, or move what is yours away")

    def write(self, name: str | PurePosixPath, data: bytes) -> Claim:
        """Write a file of the run; its claim. ImageError (kind "exists"): a file that no run wrote is there.

        The claim is logged before the file is there, so that after `kill -9` it is known to be ours.
        """
        claim, path = claim_of(data), self.out / name
        link, there = self.link_on_the_way(name), os.path.lexists(path)
        if link is not None or (there and not _is_folder(path) and not self.is_ours(str(name))):
            raise self._refusal(name)
        self.log({"writing": {str(name): claim}})
        try:
            write_whole(path, data, replace=there)
        except FileExistsError:
            raise self._refusal(name) from None
        self.claims.setdefault(str(name), set()).add(claim)
        self.unsettled[str(name)] = claim
        return claim

    def settle(self, name: str, known: bool) -> None:
        """An image's file is in the state, with its image. known: from an earlier run; another's claim is let go."""
        self.unsettled.pop(name, None)
        if not known:
            self.claims.pop(name, None)

    def write_of_run(self, name: str | PurePosixPath, data: bytes) -> None:
        """A file of the run as a whole, such as coco.json. UsageError: a file that no run wrote is there.

        One with these very bytes, as another shard has written it, stays as it is.
        """
        same = _is_file(self.out / name) and claim_of_file(self.out / name) == claim_of(data)
        try:
            self.whole_run[str(name)] = claim_of(data) if same else self.write(name, data)
        except ImageError as error:
            raise UsageError(f"--out {self.out}: {error}") from None

    def add_of_run(self, name: str | PurePosixPath) -> None:
        """A file of the run that is there already, such as a video."""
        self.claim(name, claim_of_file(self.out / name))

    def claim(self, name: str | PurePosixPath, claim: Claim) -> None:
        """Of a file of the run as a whole, which is there or about to be."""
        self.log({"writing": {str(name): claim}})
        self.whole_run[str(name)] = claim
        self.claims.setdefault(str(name), set()).add(claim)

    def remove(self, names: Iterable[str]) -> None:
        """Delete those that are ours, and folders that are empty then; what others wrote or changed stays."""
        for name in sorted(names):
            if not self.is_ours(name):
                continue
            (self.out / name).unlink(missing_ok=True)
            for folder in list(PurePosixPath(name).parents)[:-1]:
                with suppress(OSError):  # it holds something else
                    (self.out / folder).rmdir()

    def _has_size(self, name: str) -> bool:
        try:
            found = os.lstat(self.out / name)
        except (OSError, ValueError):
            return False
        sizes = {size for size, _ in self.claims.get(name, ())}
        return stat.S_ISREG(found.st_mode) and bool(sizes) and found.st_size in {0, *sizes}

    def _refusal(self, name: str | PurePosixPath) -> ImageError:
        return ImageError(
            "exists",
            f"{as_text(self.out / name)} is there already, and no run of dlcli wrote it; move it away, or name another "
            "--out",
        )


def _is_folder(path: Path) -> bool:
    """A link to one is none."""
    return path.is_dir() and not path.is_symlink()


def _is_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def read_claims(states: Iterable[Path]) -> dict[str, set[Claim]]:
    """By name below --out, what the lines of state files claim; what is no claim there is passed over."""
    claims: dict[str, set[Claim]] = {}
    for path in states:
        if path.is_file():
            with path.open("rb") as file:
                for line in file:
                    for name, claim in _claims_in(line):
                        claims.setdefault(name, set()).add(claim)
    return claims


def listed_claims(out: Path, claims: Mapping[str, set[Claim]]) -> Iterator[dict[str, Claim]]:
    """Claims as lines of a state have them, one a name in each, of the names that are there."""
    left = {name: sorted(found) for name, found in claims.items() if os.path.lexists(out / name)}
    while left:
        yield {name: found[0] for name, found in left.items()}
        left = {name: found[1:] for name, found in left.items() if found[1:]}


def _claims_in(line: bytes) -> Iterator[tuple[str, Claim]]:
    try:
        entry = json.loads(line) if line.endswith(b"\n") else None
    except (ValueError, RecursionError):
        return
    for key in ("files", "writing"):
        files = entry.get(key) if isinstance(entry, dict) else None
        for name, value in files.items() if isinstance(files, dict) else ():
            claim = as_claim(value)
            if claim is not None and "\0" not in name:
                yield name, claim


def _named(found: list[str]) -> str:
    first = ", ".join(map(as_text, found[:NAMED]))
    more = f" and {len(found) - NAMED:,} more" if len(found) > NAMED else ""
    if len(found) == 1:
        return f"{first} is there already, and no earlier run here wrote it, or it was changed since"
    return f"{first}{more} are there already, and no earlier run here wrote them, or they were changed since"
