"""The files of a run in --out: records and what --resume needs to know, growing as .part and renamed when whole.

    results.jsonl         a record a line, in input order; .results.jsonl.part while the run goes on
    results.state.jsonl   the run's fingerprint, then a line for each image that is done: its size, time and SHA-256,
                          the files it was given with their own, and what was reported; and a line for the files of
                          the run as a whole. While it goes on, also one before each file is written (ownership.py)

An image's files are in place before its record is, and its record before its state; so `kill -9` leaves at worst an
image that is done again. With --shard K/N the names hold K-of-N, so that shards may share a folder.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from dlcli.batch.shards import Shard
from dlcli.errors import DlcliError, UsageError
from dlcli.file_lock import lock
from dlcli.frozen import dataclass
from dlcli.records import SourceKey, record_key
from dlcli.whole_file import new_temporary

RESULTS = "results.jsonl"
Entry = dict[str, Any]


@dataclass(frozen=True)
class Names:
    """What the files of a run, or of a shard, are called."""

    results: str
    state: str

    @classmethod
    def of(cls, shard: Shard | None) -> "Names":
        part = "" if shard is None else f".{shard.number}-of-{shard.count}"
        return cls(f"results{part}.jsonl", f"results{part}.state.jsonl")

    @property
    def of_state(self) -> tuple[str, ...]:
        return self.state, partial_name(self.state)

    @property
    def all(self) -> tuple[str, ...]:
        return self.results, partial_name(self.results), *self.of_state


def partial_name(name: str) -> str:
    """The file while it grows."""
    return f".{name}.part"


def to_line(record: Entry) -> str:
    """A record as a line of JSON, the same bytes for the same record."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def to_state_line(entry: Entry) -> str:
    """A line of the state: ASCII, so that names which are no UTF-8 come back as they were."""
    return json.dumps(entry, separators=(",", ":"))


class AppendLog:
    """A file that lines are appended to; unbuffered, so that a line written is a line kept.

    keep: go on after what is there, a torn last line cut off; else start over. UsageError: another run writes it.
    """

    def __init__(self, path: Path, keep: bool):
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.file = _locked(path)
            if os.fstat(self.file.fileno()).st_size or os.fstat(self.file.fileno()).st_nlink > 1:
                self._begin(path.read_bytes() if keep else b"")
        except OSError as error:
            raise DlcliError(f"--out {path.parent}: cannot be written: {error.strerror}") from error

    def _begin(self, data: bytes) -> None:
        """In a new file, with the whole lines of what was there: the old one may have another name somewhere."""
        handle, temporary = new_temporary(self.path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(data[: data.rfind(b"\n") + 1])
            file.flush()
            os.replace(temporary, self.path)
            before, self.file = self.file, _locked(self.path, waits_for=file)
            before.close()

    def write(self, line: str) -> None:
        data = (line + "\n").encode()
        try:
            while data:
                data = data[self.file.write(data) :]
        except OSError as error:
            raise DlcliError(f"{self.path}: cannot be written: {error.strerror}; free some space") from error

    def close(self) -> None:
        self.file.close()


class JsonlIndex:
    """Where the last line of each source stands in some JSONL files; lines are read when they are asked for."""

    def __init__(self, paths: Iterable[Path]):
        self._files: list[BinaryIO] = []
        self._places: dict[SourceKey, tuple[int, int, int]] = {}  # file, offset, length
        self.heads: list[Entry] = []  # lines that are about no source
        for path in paths:
            if path.exists():
                self._index(path)

    def _index(self, path: Path) -> None:
        number, offset = len(self._files), 0
        self._files.append(path.open("rb"))
        for line in self._files[-1]:
            entry = _parsed(line)
            if entry is not None and "source" in entry:
                self._places[record_key(entry)] = (number, offset, len(line))
            elif entry is not None and "writing" not in entry:
                self.heads.append(entry)
            offset += len(line)

    def __iter__(self) -> Iterator[SourceKey]:
        return iter(self._places)

    def __contains__(self, key: SourceKey) -> bool:
        return key in self._places

    def __len__(self) -> int:
        return len(self._places)

    def raw(self, key: SourceKey) -> bytes:
        """The line's bytes, its end too."""
        number, offset, length = self._places[key]
        return os.pread(self._files[number].fileno(), length, offset)

    def get(self, key: SourceKey) -> Entry | None:
        return json.loads(self.raw(key)) if key in self._places else None

    def close(self) -> None:
        for file in self._files:
            file.close()


def read_both(out: Path, name: str) -> JsonlIndex:
    """The lines of a file of an earlier run, whole or cut short; what was written later counts."""
    return JsonlIndex([out / name, out / partial_name(name)])


def finish(
    out: Path,
    name: str,
    keys: Iterable[SourceKey] | None,
    heads: Sequence[Entry] = (),
    about_to: Callable[[Path], None] = lambda path: None,
) -> None:
    """Give a file that has grown its name. about_to: called with the file before it gets the name.

    keys: the sources whose last lines make it, in order, after `heads`. None: it has grown in order and from nothing,
    and is renamed, or keeps its lines about sources where there are `heads`.
    """
    part, whole = out / partial_name(name), out / name
    try:
        if keys is None and not heads:
            about_to(part)
            os.replace(part, whole)
            return
        handle, temporary = new_temporary(out)
        with os.fdopen(handle, "wb") as file:
            file.writelines((to_state_line(head) + "\n").encode() for head in heads)
            file.writelines(_lines_of_sources(part) if keys is None else _last_lines(out, name, keys))
            file.flush()
            os.fsync(file.fileno())
            about_to(temporary)
            os.replace(temporary, whole)
        part.unlink(missing_ok=True)
    except OSError as error:
        raise DlcliError(f"{whole}: cannot be written: {error.strerror}; free some space") from error


def _last_lines(out: Path, name: str, keys: Iterable[SourceKey]) -> Iterator[bytes]:
    lines = read_both(out, name)
    try:
        yield from (lines.raw(key) for key in keys if key in lines)
    finally:
        lines.close()


def _lines_of_sources(part: Path) -> Iterator[bytes]:
    """The lines that are about a source, without what was only for a run that is cut short."""
    with part.open("rb") as file:
        yield from (line for line in file if line.startswith(b'{"source":'))


def _parsed(line: bytes) -> Entry | None:
    """The line's object; None for a torn or foreign one."""
    if not line.endswith(b"\n"):
        return None
    try:
        entry = json.loads(line)
        if isinstance(entry, dict) and "source" in entry:
            hash(record_key(entry))
        return entry if isinstance(entry, dict) else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _locked(path: Path, waits_for: BinaryIO | None = None) -> BinaryIO:
    """The file itself, to append to: a link of its name may lead to any file of the user's.

    One run at a time: the lock is held until the file is closed, at the latest when the process ends. UsageError:
    another run has it. File systems without locks are taken as they are. waits_for: our own lock on it, let go here.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    file = os.fdopen(handle, "ab", buffering=0)
    if waits_for is not None:
        fcntl.flock(waits_for, fcntl.LOCK_UN)
    held = lock(handle)
    if held is None:
        return file
    with suppress(OSError):
        if held and os.path.samestat(os.fstat(handle), os.stat(path)):  # else it has just been finished and renamed
            return file
    file.close()
    raise UsageError(f"--out {path.parent}: another run is writing there; wait for it, or name another folder")
