"""`--shard K/N`: which images are a part's, decided by each name alone, so that new files move no others."""

import hashlib
import os
import re
from array import array
from collections.abc import Sequence
from dataclasses import replace

from dlcli.batch.sources.listing import SomeSources
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.records import Source

MOST = 100_000


@dataclass(frozen=True)
class Shard:
    """Part `number`, from 1, of `count`."""

    number: int
    count: int

    def holds(self, source: Source) -> bool:
        """SHA-256 of the name's bytes modulo the count: even parts, and the same on every machine."""
        digest = hashlib.sha256(os.fsencode(source.name)).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.number - 1

    def of(self, sources: Sequence[Source]) -> Sequence[Source]:
        """Its own sources, each with its number among all."""
        own = array("Q", (number for number, source in enumerate(sources) if self.holds(source)))
        return SomeSources(sources, lambda number, source: replace(source, index=number), own)

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def parse_shard(text: str) -> Shard | None:
    """ "3/8", or None for an empty text. UsageError shows the form."""
    if not text:
        return None
    match = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    if match:
        number, count = int(match[1]), int(match[2])
        if 1 <= number <= count <= MOST:
            return Shard(number, count)
    raise UsageError(f"--shard {text}: expected K/N with K from 1 to N, such as 3/8 for the third of eight parts")
