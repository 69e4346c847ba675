"""Networks whose weights are in other files: ONNX's external data, which a model file may place anywhere on the disk.

Such a file is refused: its SHA-256 in records would not say what was run, and "../../etc/passwd" is a place too.
"""

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from dlcli.card import BYTES, VARINT, WireError, walk_fields
from dlcli.errors import DataError

_KEY = b"location"  # of the entry that names the other file
_PLACE, _EXTERNAL = 13, 14  # fields of TensorProto: the entries, and whether they count
# Which field of a message holds which other message, from onnx/onnx.proto, as far as there are tensors below.
_HOLDS = {
    "model": {7: "graph", 20: "training", 25: "function"},
    "training": {1: "graph", 2: "graph"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
}


def refuse_outside_weights(path: Path) -> None:
    """DataError: the network in the .onnx file has weights elsewhere; it names the place. What is no ONNX passes."""
    if not path.is_file():  # opening a FIFO would wait for ever
        return
    try:
        with path.open("rb") as file:
            if not _mentions(file):
                return
            place = next(_places(file), None)
    except WireError as error:
        raise DataError(f"{path}: expected an ONNX file, got a damaged one ({error})") from error
    except OSError as error:
        raise DataError(f"{path}: expected a readable model file, got: {error.strerror or error}") from error
    if place is not None:
        raise DataError(
            f"{path}: has weights in another file ({place[:80]!r}), which is not opened; save the network as one file, "
            "as by onnx.save(onnx.load(FILE), NEW)"
        )


def _mentions(file: BinaryIO) -> bool:
    """Whether the key is among the bytes at all: looking through 100 MB takes a twentieth of a second."""
    try:
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return data.find(_KEY) >= 0
    except ValueError:  # an empty file
        return False


def _places(file: BinaryIO) -> Iterator[str]:
    """Where weights are, of every tensor that has some elsewhere."""
    size = file.seek(0, 2)
    todo = [("model", 0, size)]
    while todo:  # graphs may be nested deeper than calls
        kind, start, end = todo.pop()
        if kind == "tensor":
            yield from _place(file, start, end)
            continue
        for item in walk_fields(file, start, end):
            inner = _HOLDS[kind].get(item.number)
            if inner and item.wire == BYTES:
                todo.append((inner, item.body, item.end))


def _place(file: BinaryIO, start: int, end: int) -> Iterator[str]:
    """The tensor's place; "" where it is elsewhere and does not say where."""
    fields = list(walk_fields(file, start, end))
    places = [item for item in fields if item.number == _PLACE and item.wire == BYTES]
    outside = [item for item in fields if item.number == _EXTERNAL and item.wire == VARINT]
    if outside and _bytes(file, outside[-1].body, outside[-1].end).strip(b"\x80\0"):
        entries = [_entry(file, item.body, item.end) for item in places]
        yield next((value for key, value in entries if key == _KEY.decode()), "")


def _entry(file: BinaryIO, start: int, end: int) -> tuple[str, str]:
    """Key and value of one entry."""
    parts = {item.number: _bytes(file, item.body, item.end) for item in walk_fields(file, start, end)}
    return parts.get(1, b"").decode("utf-8", "replace"), parts.get(2, b"").decode("utf-8", "replace")


def _bytes(file: BinaryIO, start: int, end: int) -> bytes:
    file.seek(start)
    return file.read(min(end - start, 4096))
