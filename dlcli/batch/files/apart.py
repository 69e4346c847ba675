"""Images of one name, such as a.jpg and a.png, whose files would meet below --out: all but one get longer names.

Of those that meet, the first in the order of KEEPS keeps its names; the others' are made of their whole name, so that
a.gif beside a.png gives a.gif.png, and labels/a.gif.txt. The rule asks for nothing but the names.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from dlcli.batch.sources.listing import SomeSources, hashed_twice
from dlcli.imaging.extensions import looks_like_video
from dlcli.records import Source

KEEPS = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp")


def kept_apart(sources: Sequence[Source], names: Callable[[PurePosixPath], list[PurePosixPath]]) -> Sequence[Source]:
    """The sources, those with other places that would meet. names: what is written for an image at a place."""

    def written() -> Iterator[tuple[int, PurePosixPath]]:
        for number, source in enumerate(sources):
            if source.failure is None and not looks_like_video(source.place):
                yield from ((number, name) for name in dict.fromkeys(names(source.place)))

    twice = hashed_twice(name for _, name in written())
    meet: dict[PurePosixPath, list[int]] = defaultdict(list)
    for number, name in written() if twice else ():
        if hash(name) in twice:
            meet[name].append(number)
    moved: set[int] = set()
    for numbers in meet.values():
        if len(numbers) > 1:
            moved.update(sorted(numbers, key=lambda number: _rank(sources[number].place))[1:])
    if not moved:
        return sources
    return SomeSources(sources, lambda number, source: _longer(source) if number in moved else source)


def _rank(place: PurePosixPath) -> tuple[int, str]:
    suffix = place.suffix.lower()
    return (KEEPS.index(suffix) if suffix in KEEPS else len(KEEPS)), str(place)


def _longer(source: Source) -> Source:
    place = source.place
    ending = place.suffix if place.suffix.lower() in KEEPS else ".png"
    return replace(source, place=place.with_name(place.name + ending))
