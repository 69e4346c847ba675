"""`--watch`: images of a folder as they arrive, each once, and none before it is whole."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from dlcli.batch.sources.paths import NoImageError, find_images
from dlcli.errors import DataError, UsageError
from dlcli.records import Failure, Source

POLL, STILL, GIVEN_UP = 0.2, 0.6, 20.0  # seconds: between looks; without a change; the same of a file without an end
_ENDS = {b"\xff\xd8": b"\xff\xd9", b"\x89P": b"IEND\xaeB`\x82", b"GI": b";"}  # how a file begins -> how it ends
_TAIL = 64  # bytes in which the end must be: some cameras fill up behind it


@dataclass
class Watch:
    """folder: as typed. stopped: asked between looks; True ends it, once all that is there was handed on.

    names: what is written for an image at a place; one that would go over another's becomes a failure.
    """

    folder: str
    recursive: bool
    out: Path | None
    stopped: Callable[[], bool]
    names: Callable[[PurePosixPath], list[PurePosixPath]]
    seen: set[str] = field(default_factory=set)
    taken: dict[PurePosixPath, str] = field(default_factory=dict)
    states: dict[str, tuple[tuple[int, int], float]] = field(default_factory=dict)  # size and time, since when

    def sources(self) -> Iterator[Source | None]:
        """Each image once it is whole, in the order of their names at each look; None after each look."""
        while True:
            last = self.stopped()
            for source in self._here():
                if str(source.path) not in self.seen and (self._is_whole(str(source.path)) or last):
                    self.seen.add(str(source.path))
                    yield self._apart(source)
            yield None
            if last:
                return
            time.sleep(POLL)

    def _here(self) -> Sequence[Source]:
        if not os.path.isdir(self.folder):
            raise DataError(f"--watch {self.folder}: the folder is gone; make it again, and go on with --resume")
        try:
            return find_images([self.folder], self.recursive, self.out)
        except NoImageError:  # yet
            return []
        except UsageError as error:
            raise DataError(f"--watch {error}; make it readable, and go on with --resume") from error

    def _apart(self, source: Source) -> Source:
        names = self.names(source.place) if self.out is not None and source.failure is None else []
        met = next((self.taken[name] for name in names if name in self.taken), None)
        self.taken |= dict.fromkeys(names, source.text)
        if met is None:
            return source
        message = f"{source.text}: its output would go over that of {met}; rename it"
        return replace(source, failure=Failure("collision", message))

    def _is_whole(self, path: str) -> bool:
        """Nothing has been written for a while, and it ends as its kind of file does, or is given up."""
        try:
            stat = os.stat(path)
        except OSError:  # gone again
            self.states.pop(path, None)
            return False
        state, now = (stat.st_size, stat.st_mtime_ns), time.monotonic()
        if path not in self.states or self.states[path][0] != state:
            self.states[path] = state, now
        still = now - self.states[path][1]
        return still >= GIVEN_UP or (still >= STILL and stat.st_size > 0 and has_end(path))


def has_end(path: str) -> bool:
    """Whether the file ends as one of its kind does; True for kinds whose end cannot be seen."""
    try:
        with open(path, "rb") as file:
            head = file.read(2)
            file.seek(-min(_TAIL, os.fstat(file.fileno()).st_size), os.SEEK_END)
            return head not in _ENDS or _ENDS[head] in file.read()
    except OSError:  # unreadable: its way will tell
        return True
