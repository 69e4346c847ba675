"""What comes through standard input, or as a list of names: read in parts, and no more of it than there is room for."""

import codecs
import os
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

from dlcli.errors import UsageError
from dlcli.units import show_size

STDIN = "-"
PART = 1 << 16  # bytes
LONGEST_NAME = 1 << 16  # bytes; no system opens one of more than 4,096
MOST = 2 << 30  # bytes, of an image and of a list, without --max-memory
NAME = 300  # bytes that an image takes until the run begins, beside the letters of its name
LETTERS = 2  # a letter, which stands in several places


def read_stdin(most: int | None = None) -> bytes:
    """All of standard input. OverflowError: it is more than so many bytes. UsageError where it is closed."""
    if sys.stdin is None:
        raise UsageError("-: standard input is closed; pipe the bytes in, or name a file")
    if most is None:
        return sys.stdin.buffer.read()
    found = BytesIO()
    for part in _parts(sys.stdin.buffer):
        found.write(part)
        if found.tell() > most:
            raise OverflowError(f"more than {show_size(most)}")
    return found.getvalue()


class Room:
    """The bytes that names may take. UsageError from `add`: they are more. most: None for any number."""

    def __init__(self, most: int | None):
        self.most, self.count, self.bytes = most, 0, 0

    def add(self, name: str) -> None:
        self.count += 1
        self.bytes += NAME + LETTERS * len(name)
        if self.most is not None and self.bytes > self.most:
            raise UsageError(
                f"--max-memory: the names of the first {self.count:,} images alone would fill it; name fewer at a "
                "time, or raise the limit"
            )


def read_list(file: str, null: bool, most: int | None = None) -> list[str]:
    """The names in a --files-from list: one a line, or with `null` ended by NULs; empty ones are skipped.

    most: bytes that the names may take in memory. UsageError: they take more; the list cannot be read; a line of it is
    no name, or it is longer than any list of names.
    """
    room, found = Room(most), []
    try:
        if file == STDIN:
            if sys.stdin is None:
                read_stdin()
            return _names(sys.stdin.buffer, file, null, room)
        with open(file, "rb") as stream:
            found = _names(stream, file, null, room)
    except OSError as error:
        raise UsageError(f"--files-from {file}: cannot be read: {error.strerror}") from error
    return found


def _names(stream: BinaryIO, file: str, null: bool, room: Room) -> list[str]:
    found = []
    for part in _pieces(stream, file, b"\0" if null else b"\n"):
        if not null and b"\0" in part:
            raise UsageError(f"--files-from {file}: its names end with NULs; pass -0 too")
        name = os.fsdecode(part if null else part.removesuffix(b"\r"))
        if name:
            room.add(name)
            found.append(name)
    return found


def _pieces(stream: BinaryIO, file: str, end: bytes) -> Iterator[bytes]:
    """What stands between the ends, without the mark that UTF-8 files may begin with."""
    rest, read = b"", 0
    for part in _parts(stream):
        if not read:
            part = part.removeprefix(codecs.BOM_UTF8)
        read += len(part)
        if read > MOST:
            raise UsageError(f"--files-from {file}: is longer than {show_size(MOST)}; is it a list of names?")
        *whole, rest = (rest + part).split(end)
        yield from whole
        if len(rest) > LONGEST_NAME:
            if b"\0" in rest:
                raise UsageError(f"--files-from {file}: its names end with NULs; pass -0 too")
            raise UsageError(
                f"--files-from {file}: has a name of more than {LONGEST_NAME:,} bytes; expected one a line"
            )
    yield rest


def _parts(stream: BinaryIO) -> Iterator[bytes]:
    """The first part is whole unless the stream ends before."""
    while part := stream.read(PART):
        yield part
