"""`--resume`: which images of an earlier run stand as they are."""

import hashlib
import os
from collections.abc import Iterable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from dlcli.batch.files.fingerprint import Fingerprint, differences
from dlcli.batch.files.run_files import Entry, Names, read_both
from dlcli.batch.shown import Shown
from dlcli.claims import Claim, as_claim
from dlcli.data.records.lines import is_record
from dlcli.data.records.validate import problem_of
from dlcli.errors import ImageError, UsageError
from dlcli.frozen import dataclass
from dlcli.models.checksums import file_digest
from dlcli.records import Source


@dataclass(frozen=True)
class Stamp:
    """What an image's content is known by. mtime_ns: 0 for standard input."""

    size: int
    mtime_ns: int
    sha256: str

    @classmethod
    def of(cls, data: bytes, mtime_ns: int) -> "Stamp":
        return cls(len(data), mtime_ns, hashlib.sha256(data).hexdigest())

    @classmethod
    def of_file(cls, path: Path) -> "Stamp":
        """Of a video, which is read once for all its frames."""
        stat = os.stat(path)
        return cls(stat.st_size, stat.st_mtime_ns, _digest(str(path), *_state(stat)))


@lru_cache(maxsize=64)
def _digest(path: str, _size: int, _mtime_ns: int) -> str:
    """The file's SHA-256, once for each state of the file."""
    return file_digest(path)


def state_entry(source: Source, stamp: Stamp, files: dict[str, Claim], words: Shown) -> Entry:
    """An image that is done, as results.state.jsonl has it. files: below --out, with their sizes and SHA-256."""
    head: Entry = {"source": source.text}
    if source.lost_bytes is not None:
        head["source_bytes"] = source.lost_bytes
    if source.crop is not None:
        head["crop"] = source.crop.fields()
    if source.frame is not None:
        head |= source.frame.fields()
    summary = {"files": files, "line": words.line}
    return head | {"size": stamp.size, "mtime_ns": stamp.mtime_ns, "sha256": stamp.sha256} | summary


@dataclass(frozen=True)
class CachedResult:
    """An image that needs no work. entry: its state; renewed: the file's time is new, its content is not."""

    record: dict[str, Any]
    entry: Entry
    renewed: bool

    @property
    def words(self) -> Shown:
        return Shown(self.entry["line"])


class EarlierRun:
    """What an earlier run left in `out`. UsageError: it had other options or another model, or cannot be read."""

    def __init__(self, out: Path, names: Names, found: Fingerprint):
        self.out = out
        self.records, self.states = read_both(out, names.results), read_both(out, names.state)
        for head in self.states.heads:
            if "fingerprint" not in head:
                continue
            before = head["fingerprint"]
            changed = differences(before if isinstance(before, dict) else {}, found)
            if changed:
                raise UsageError(
                    f"--resume: the run in {out} was another: {'; '.join(changed)}; use the same options, or start "
                    "over with --overwrite"
                )

    def failed(self, source: Source) -> bool:
        """Whether the image had failed in the earlier run."""
        record = self.records.get(source.key)
        return record is not None and record.get("ok") is False

    def refuse_others(self, sources: Iterable[Source]) -> None:
        """UsageError: not one image of the earlier run is among these, so that it would be thrown away."""
        known = {key[0] for key in self.records}  # of a video, whose frames nobody has counted yet, the name
        if len(self.records) and not any(source.key in self.records or source.text in known for source in sources):
            raise UsageError(
                f"--resume: none of the {len(self.records):,} images of the run in {self.out} is in this one; name "
                "another --out, or start over with --overwrite"
            )

    def cached(self, source: Source) -> CachedResult | None:
        """The image's record, if it was done, its content is what it was and its files are there. From any thread.

        What somebody has written into the files by hand, and is none of ours, does not stand.
        """
        try:
            return self._cached(source)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def _cached(self, source: Source) -> CachedResult | None:
        entry, record = self.states.get(source.key), self.records.get(source.key)
        if entry is None or record is None or not record["ok"] or not is_record(record) or problem_of(record):
            return None
        if entry.get("crop") != (source.crop.fields() if source.crop else None):
            return None
        same = _compared(source, entry)
        if same is None or not all(_has_size(self.out / name, claim) for name, claim in entry["files"].items()):
            return None
        if not isinstance(entry["line"], str):
            return None
        return CachedResult(record, entry | {"mtime_ns": same}, same != entry["mtime_ns"])


def _has_size(path: Path, claim: Any) -> bool:
    """By the size alone: a run that goes on does not read again all that was written."""
    known = as_claim(claim)
    try:
        return known is not None and os.stat(path).st_size == known[0]
    except (OSError, ValueError):
        return False


def _state(stat: os.stat_result) -> tuple[int, int]:
    return stat.st_size, stat.st_mtime_ns


def _compared(source: Source, entry: Entry) -> int | None:
    """The file's time in ns if its content is what the entry says, else None."""
    if source.path is None:
        with suppress(ImageError):  # of an archive; going its way will tell
            return 0 if Stamp.of(source.content, 0).sha256 == entry["sha256"] else None
        return None
    try:
        stat = os.stat(source.path)
        if stat.st_size != entry["size"]:
            return None
        if stat.st_mtime_ns == entry["mtime_ns"] or _digest(str(source.path), *_state(stat)) == entry["sha256"]:
            return stat.st_mtime_ns
    except (OSError, ValueError):  # gone, or unreadable: going its way will tell
        pass
    return None
