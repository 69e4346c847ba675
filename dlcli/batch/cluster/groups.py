"""Images that go to another process together: a few, by their bytes, each with all that it takes to be read there."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace

from dlcli.batch.sources.addresses import is_address
from dlcli.errors import ImageError
from dlcli.records import Failure, Source

MOST, BYTES = 16, 4 << 20  # images of a group, and bytes of their files


def groups_of(sources: Iterable[Source], most: int = MOST, limit: int = BYTES) -> Iterator[list[Source]]:
    """The sources in order, in groups of at least one image."""
    group: list[Source] = []
    room = limit
    for source in sources:
        group.append(source)
        room -= size_of(source)
        if len(group) == most or room <= 0:
            yield group
            group, room = [], limit
    if group:
        yield group


def portable(source: Source) -> Source:
    """The same for another process: a file by its path and an object by its address, other content with its bytes."""
    if source.stored is None or is_address(source.name) or source.failure is not None:
        return source
    try:
        return replace(source, data=source.content, stored=None)
    except ImageError as error:
        return replace(source, stored=None, failure=Failure(error.kind, str(error)))


def size_of(source: Source) -> int:
    """Bytes of the file; 0 where that is not known."""
    if source.path is None:
        return len(source.data or b"")
    try:
        return os.stat(source.path).st_size
    except (OSError, ValueError):
        return 0
