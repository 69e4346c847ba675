"""Reads the directories of a TIFF or BigTIFF file: tags and their whole numbers, with bounds on what a bad file costs.

Layout: TIFF revision 6.0, section 2; BigTIFF as libtiff has it; SubIFDs: Adobe's technical note 1.
"""

from collections.abc import Iterator

from dlcli.frozen import dataclass
from dlcli.imaging.file_bytes import Bytes

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_INTEGERS = {1, 3, 4, 13, 16}
_MOST_ENTRIES = 65_535  # what a plain TIFF can count
_MOST_DIRECTORIES = 10_000
_DEEPEST = 2  # SubIFDs of SubIFDs
_FEW = 16  # numbers kept of a tag that does not list blocks or bits
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, SAMPLES, ROWS, PLANES = 256, 257, 258, 259, 262, 277, 278, 284
TILE_WIDTH, TILE_HEIGHT, EXTRA, SUBFILE, FILL_ORDER, ORIENTATION = 322, 323, 338, 254, 266, 274
PREDICTOR, SUB_DIRECTORIES, INK_SET, SAMPLE_FORMAT = 317, 330, 332, 339
SUBSAMPLING, DNG_VERSION = 530, 50706
OFFSETS, COUNTS = (273, 324), (279, 325)  # of strips, of tiles
_LISTS = (*OFFSETS, *COUNTS, BITS, EXTRA, SAMPLE_FORMAT, SUB_DIRECTORIES)

Tags = dict[int, list[int]]


@dataclass(frozen=True)
class Entry:
    """values: its whole numbers, the first few or all. at, length: its bytes in the file. count: how many values."""

    tag: int
    values: list[int]
    at: int
    length: int
    count: int

    def held(self, data: Bytes) -> bytes:
        return data[self.at : self.at + self.length]


def byte_order(data: Bytes) -> str:
    """ "<" or ">", as struct and NumPy write it."""
    return "<" if data[:2] == b"II" else ">"


def first_directory(data: Bytes) -> int:
    """Where it begins. IndexError: the file ends before."""
    return _number(data, 8, 8) if _wide(data) else _number(data, 4, 4)


def entries(data: Bytes, at: int, whole: bool = False) -> Iterator[Entry]:
    """Of the directory at `at`. whole: all the numbers of tags that list blocks, bits or directories.

    IndexError, ValueError: there is no directory, or one with more entries than a plain TIFF can count.
    """
    start, count, step, word = _table(data, at)
    table = data[start : start + count * step]
    for place in range(0, count * step, step):
        tag, kind = _number(table, place, 2, data), _number(table, place + 2, 2, data)
        count = _number(table, place + 4, word, data)
        unit = _SIZES.get(kind, 0)
        values_at = start + place + 4 + word
        if unit * count > word:
            values_at = _number(data, values_at, word)
        length = max(0, min(unit * count, len(data) - values_at))
        held = min(count, length // unit) if unit else 0
        kept = (held if whole and tag in _LISTS else min(held, _FEW)) if kind in _INTEGERS else 0
        yield Entry(tag, _numbers(data, values_at, unit, kept), values_at, length, held)


def tags_at(data: Bytes, at: int, whole: bool = True) -> Tags:
    """The whole numbers of the directory at `at`, the first of equal tags. Arguments and errors as of `entries`."""
    tags: Tags = {}
    for entry in entries(data, at, whole):
        tags.setdefault(entry.tag, entry.values)
    return tags


def tag_bytes(data: Bytes, tag: int) -> bytes:
    """What a tag of the first page holds, such as a profile; b"" where it is absent or the directory is damaged."""
    try:
        return next((entry.held(data) for entry in entries(data, first_directory(data)) if entry.tag == tag), b"")
    except (IndexError, ValueError):
        return b""


def next_directory(data: Bytes, at: int) -> int:
    """Where the one after that at `at` begins; 0: there is none."""
    try:
        start, count, step, word = _table(data, at)
        return _number(data, start + count * step, word)
    except (IndexError, ValueError):
        return 0


def pages(data: Bytes) -> Iterator[int]:
    """Where each directory of the chain begins; it ends where the file is damaged."""
    seen: set[int] = set()
    try:
        at = first_directory(data)
    except IndexError:
        return
    while at and at not in seen and len(seen) < _MOST_DIRECTORIES:
        seen.add(at)
        yield at
        at = next_directory(data, at)


def all_directories(data: Bytes) -> Iterator[Tags]:
    """The first numbers of the tags of each page and of its SubIFDs, each behind the page it belongs to.

    It ends early in a file with so many that no honest one has them.
    """
    left = _MOST_ENTRIES
    for page in pages(data):
        waiting = [(page, _DEEPEST)]
        while waiting:
            at, deeper = waiting.pop(0)
            try:
                left -= _table(data, at)[1] + 1
                if left < 0:
                    return
                tags = tags_at(data, at, whole=False)
            except (IndexError, ValueError):
                continue
            yield tags
            waiting += [(at, deeper - 1) for at in tags.get(SUB_DIRECTORIES, ())] if deeper else []


def _table(data: Bytes, at: int) -> tuple[int, int, int, int]:
    """(where the entries begin, how many, bytes of each, bytes of an offset)."""
    wide = _wide(data)
    count = _number(data, at, 8 if wide else 2)
    if count > _MOST_ENTRIES:
        raise ValueError("more entries than a plain TIFF can count")
    return (at + 8, count, 20, 8) if wide else (at + 2, count, 12, 4)


def _wide(data: Bytes) -> bool:
    return data[2:4] in (b"+\0", b"\0+")


def _number(data: Bytes, at: int, count: int, head: Bytes | None = None) -> int:
    found = data[at : at + count]
    if len(found) != count:
        raise IndexError(at)
    return int.from_bytes(found, "little" if (head or data)[:2] == b"II" else "big")


def _numbers(data: Bytes, at: int, unit: int, count: int) -> list[int]:
    block = data[at : at + unit * count]
    order = "little" if data[:2] == b"II" else "big"
    return [int.from_bytes(block[i * unit : (i + 1) * unit], order) for i in range(len(block) // unit if unit else 0)]  # type: ignore[arg-type]
