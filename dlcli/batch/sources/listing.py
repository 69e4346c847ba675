"""A million sources in the memory of their names: each becomes a Source when it is asked for. Light."""

from array import array
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath
from typing import overload

from dlcli.batch.sources.addresses import is_address, place_below
from dlcli.batch.sources.archives import source_of_member
from dlcli.batch.sources.standard_input import STDIN
from dlcli.batch.sources.tree import Found
from dlcli.imaging.extensions import is_video, looks_like_video
from dlcli.records import Source


class Sources(Sequence[Source]):
    """Sources that are made one by one; `source(number)` makes one."""

    def source(self, number: int) -> Source:
        raise NotImplementedError

    @property
    def videos(self) -> list[Source]:
        return [source for source in self if is_video(source)]

    @overload
    def __getitem__(self, number: int) -> Source: ...

    @overload
    def __getitem__(self, number: slice) -> list[Source]: ...

    def __getitem__(self, number: int | slice) -> Source | list[Source]:
        if isinstance(number, slice):
            return [self.source(each) for each in range(*number.indices(len(self)))]
        if not -len(self) <= number < len(self):
            raise IndexError(f"source {number} of {len(self)}")
        return self.source(number % len(self))

    def __iter__(self) -> Iterator[Source]:
        return map(self.source, range(len(self)))


class FoundSources(Sources):
    """What was found, its names one after another in one block of bytes.

    root: the absolute folder below which places are; to be set before a source is asked for. stdin: the source that
    stands for "-", likewise. bases: the folders that names were found below.
    """

    def __init__(self, found: Iterable[Found] = ()):
        self.root, self.stdin = "", Source(STDIN, None, PurePosixPath("stdin.png"))
        self.bases: dict[str, int] = {}
        self._text, self._ends, self._base = bytearray(), array("Q", [0]), array("I")
        self._more: dict[int, Found] = {}  # those that are more than a name and a base
        self._videos: list[int] = []
        for item in found:
            self.add(item)

    def add(self, item: Found) -> None:
        if item.failure is not None or item.member is not None:
            self._more[len(self)] = item
        elif looks_like_video(item.name) and not is_address(item.name):
            self._videos.append(len(self))
        self._base.append(self.bases.setdefault(item.base, len(self.bases)))
        self._text += item.name.encode("utf-8", "surrogatepass")
        self._ends.append(len(self._text))

    def __len__(self) -> int:
        return len(self._base)

    def name(self, number: int) -> str:
        return self._text[self._ends[number] : self._ends[number + 1]].decode("utf-8", "surrogatepass")

    def names(self) -> Iterator[str]:
        return map(self.name, range(len(self)))

    @property
    def videos(self) -> list[Source]:
        return [self.source(number) for number in self._videos]

    def source(self, number: int) -> Source:
        name, more = self.name(number), self._more.get(number)
        if name == STDIN:
            return self.stdin
        place = PurePosixPath(place_below(name, self.root))
        if more is not None and more.member is not None:
            return source_of_member(name, place, more.member)
        if is_address(name):
            return Source(name, None, place, stored=partial(_fetch, name))
        return Source(name, Path(name), place, failure=None if more is None else more.failure)

    def without(self, numbers: Collection[int]) -> "FoundSources":
        bases = list(self.bases)
        kept = (number for number in range(len(self)) if number not in numbers)
        return FoundSources(self._more.get(i) or Found(self.name(i), bases[self._base[i]]) for i in kept)


def _fetch(address: str) -> bytes:
    from dlcli.batch.sources.remote import read_address

    return read_address(address)


class SomeSources(Sources):
    """Other sources, or those of some `numbers`; changed: what becomes of one, by its number in the others."""

    def __init__(
        self, others: Sequence[Source], changed: Callable[[int, Source], Source], numbers: Sequence[int] | None = None
    ):
        self.others, self.changed = others, changed
        self.numbers = range(len(others)) if numbers is None else numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def source(self, number: int) -> Source:
        at = self.numbers[number]
        return self.changed(at, self.others[at])


def videos_of(sources: Sequence[Source]) -> list[Source]:
    """Those that are videos; of sources that were found, without a look at each."""
    return sources.videos if isinstance(sources, Sources) else [source for source in sources if is_video(source)]


def hashed_twice(things: Iterable[Hashable]) -> set[int]:
    """Hashes that come more than once: of all things that are equal to another, and by chance of others.

    That takes 64 bytes a thing, where a table of the things themselves takes hundreds.
    """
    seen, twice = set[int](), set[int]()
    for thing in things:
        value = hash(thing)
        (twice if value in seen else seen).add(value)
    return twice
