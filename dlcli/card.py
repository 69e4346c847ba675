"""The card in a model file: what the network is for and how to feed it, read without the onnx package."""

import io
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, fields
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.spelling import keys_of_today

VERSION = "dlcli.card/1"
LFS = b"version https://git-lfs"  # how a pointer of Git LFS begins
RESIZES = ("letterbox", "stretch", "crop")
MAX_SIDE = 8192  # of an input, in pixels
MAX_ENTRY = 16 << 20  # bytes; a larger metadata entry is not ours and is stepped over
_KEY = b"dlcli.card"
_GRAPH, _METADATA = 7, 14  # fields of ModelProto, onnx/onnx.proto
VARINT, _FIXED64, BYTES, _FIXED32 = 0, 1, 2, 5  # wire types of protobuf


@dataclass(frozen=True)
class ModelCard:
    """What travels with a network. Lists are taken as tuples; a value out of range raises ValueError.

    labels: unique, without commas; the index is the class id. input: (width, height), each 1 to MAX_SIDE.
    mean, std: (r, g, b) in pixel units 0 to 255: the network sees (pixel - mean) / std.
    resize: "letterbox" (keeps the shape, pads with fill, an RGB color of 0 to 255), "stretch", or "crop" (keeps the
    shape and the middle of the image: `crop`, above 0 and at most 1, of what fits its shorter side).
    max_stretch: by how much a letterbox may draw out the side that has room left; at least 1.
    pre: the --pre chain it was trained with, "" if none. decoding, training: JSON objects.
    For detect, decoding is {"strides": [8, ...], "sides": [24, ...], "scales": [1, 1.41], "ratios": [0.5, 1, 2],
    "variances": [...], "scores": "sigmoid"}, and "calibration": [scale, shift] where scores are calibrated
    (ops/calibration.py).
    For classify it is {"scores": "softmax"}, or "sigmoid" where an image may be of several classes, and may have
    "wnids", a WordNet id for each label. scores: objects with at least metric, value, data and command.
    """

    name: str
    task: str
    labels: tuple[str, ...]
    input: tuple[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    resize: str = "letterbox"
    fill: tuple[int, int, int] = (114, 114, 114)
    max_stretch: float = 1.0
    crop: float = 1.0
    pre: str = ""
    decoding: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    scores: tuple[Mapping[str, Any], ...] = ()
    license: str = ""
    credits: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("labels", "input", "mean", "std", "fill", "scores", "credits"):
            value = getattr(self, name)
            _expect(isinstance(value, Sequence) and not isinstance(value, str), name, "a list", value)
            object.__setattr__(self, name, tuple(value))
        self._check_words()
        self._check_numbers()
        self._check_objects()

    def to_json(self) -> str:
        """One line of JSON: the version under "schema", then the fields in their order."""
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        return json.dumps({"schema": VERSION, **values}, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "ModelCard":
        """The card in `text`; ValueError where it is none. Unknown keys are ignored: a later dlcli may add some."""
        try:
            values = json.loads(text, parse_constant=_refuse_constant)
        except RecursionError as error:
            raise ValueError("expected a JSON object, got lists nested too deep") from error
        _expect(isinstance(values, dict), "card", "a JSON object", values)
        _expect(values.get("schema") == VERSION, "schema", VERSION, values.get("schema"))
        try:
            values = keys_of_today(values)
            return cls(**{item.name: values[item.name] for item in fields(cls) if item.name in values})
        except TypeError as error:
            missing = [item.name for item in fields(cls)[:6] if item.name not in values]
            raise ValueError(f"expected the keys {', '.join(missing)}, got none of them") from error

    def _check_words(self) -> None:
        _expect(_matches(r"[A-Za-z0-9][A-Za-z0-9._-]*", self.name), "name", "letters, digits, '.', '_', '-'", self.name)
        _expect(_matches(r"[a-z][a-z-]*", self.task), "task", "a task such as detect", self.task)
        _expect(self.resize in RESIZES, "resize", " or ".join(RESIZES), self.resize)
        for name in ("pre", "license"):
            _expect(_is_text(getattr(self, name)), name, "a text", getattr(self, name))
        _expect(all(map(_is_text, self.credits)), "credits", "texts", self.credits)
        for label in self.labels:
            good = _is_text(label) and label.strip() and label.isprintable() and "," not in label
            _expect(good, "labels", "printable words without commas", label)
        _expect(len(set(self.labels)) == len(self.labels), "labels", "each label once", self.labels)

    def _check_numbers(self) -> None:
        for name, count, low, high in (("input", 2, 1, MAX_SIDE), ("fill", 3, 0, 255)):
            value = getattr(self, name)
            good = len(value) == count and all(type(v) is int and low <= v <= high for v in value)
            _expect(good, name, f"{count} whole numbers of {low} to {high}", value)
        for name in ("mean", "std"):
            value = getattr(self, name)
            good = len(value) == 3 and all(type(v) in (int, float) and 0 <= v <= 255 for v in value)
            _expect(good, name, "3 numbers of 0 to 255", value)
        _expect(min(self.std) > 0, "std", "numbers above 0", self.std)
        good = type(self.max_stretch) in (int, float) and 1 <= self.max_stretch <= 100
        _expect(good, "max_stretch", "a number of 1 to 100", self.max_stretch)
        good = type(self.crop) in (int, float) and 0 < self.crop <= 1
        _expect(good, "crop", "a number above 0, at most 1", self.crop)

    def _check_objects(self) -> None:
        for name in ("decoding", "training"):
            _expect(_is_json_object(getattr(self, name)), name, "an object of JSON values", getattr(self, name))
        for score in self.scores:
            good = _is_json_object(score) and {"metric", "value", "data", "command"} <= score.keys()
            _expect(good, "scores", "objects with metric, value, data and command", score)


def read_card(path: str | Path) -> ModelCard:
    """The card in the .onnx file at `path`. Weights are stepped over, not read. DataError names the file."""
    try:
        return ModelCard.from_json(_card_text(Path(path)))
    except OSError as error:
        raise DataError(f"{path}: expected a readable model file, got: {error.strerror or error}") from error
    except ValueError as error:
        raise DataError(f"{path}: its dlcli card cannot be used: {error}; export the model again") from error


def write_card(model: bytes, card: ModelCard) -> bytes:
    """The bytes of an .onnx file with `card` in its metadata, in place of any card it had. DataError: not ONNX."""
    stream = io.BytesIO(model)
    kept, start = [], 0
    for item, value in _walk_model(stream, len(model), "the model"):
        if value is not None:
            kept.append(model[start : item.start])
            start = item.end
    body = _length_prefixed(1, _KEY) + _length_prefixed(2, card.to_json().encode())
    return b"".join([*kept, model[start:], _length_prefixed(_METADATA, body)])


class _Field(NamedTuple):
    """One field of a protobuf message: bytes start to end, the tag first; its value begins at body."""

    number: int
    wire: int
    start: int
    body: int
    end: int


def refuse_pointers(head: bytes, path: Path) -> None:
    """DataError for what people have in place of a model. head: how the file begins."""
    if head.startswith(LFS):
        raise DataError(f"{path}: expected an .onnx file, got a pointer of Git LFS to one; fetch it by: git lfs pull")
    if head.lstrip().lower().startswith((b"<!doctype", b"<html")):
        raise DataError(f"{path}: expected an .onnx file, got a web page; download the file itself, by its raw link")


def _card_text(path: Path) -> str:
    """The card's JSON; of several cards in one file the last counts, as for a protobuf map."""
    if path.exists() and not path.is_file():  # opening a FIFO would wait for ever
        raise DataError(f"{path}: expected an .onnx file, got a folder or a special file")
    found = None
    with path.open("rb") as stream:
        refuse_pointers(stream.read(len(LFS)), path)
        stream.seek(0)
        for _, value in _walk_model(stream, os.fstat(stream.fileno()).st_size, str(path)):
            found = found if value is None else value
    if found is None:
        raise DataError(
            f"{path}: expected a model exported by dlcli, got an ONNX file that carries no "
            f"dlcli card; give it one by: dlcli models import {path} --name NAME"
        )
    return found.decode()


def _walk_model(stream: BinaryIO, size: int, name: str) -> Iterator[tuple[_Field, bytes | None]]:
    """Fields of a ModelProto, each with the card it holds, or None; DataError: not a message, or without a graph."""
    has_graph = False
    try:
        for item in walk_fields(stream, 0, size):
            has_graph = has_graph or (item.number == _GRAPH and item.wire == BYTES)
            yield item, _card_value(stream, item)
    except WireError as error:
        raise DataError(f"{name}: expected an ONNX file, got something else or a damaged one ({error})") from error
    if not has_graph:
        raise DataError(f"{name}: expected an ONNX file, got one without a graph")


def walk_fields(stream: BinaryIO, start: int, end: int) -> Iterator[_Field]:
    """Fields of the message between two offsets of a seekable stream; values are skipped, not read."""
    while start < end:
        stream.seek(start)
        tag = _read_varint(stream)
        number, wire = tag >> 3, tag & 7
        if not 0 < number < 1 << 29:
            raise WireError(f"field number {number} at byte {start}")
        body, stop = _value_span(stream, wire, start)
        if stop > end:
            raise WireError(f"field {number} at byte {start} ends after {stop} of {end} bytes")
        yield _Field(number, wire, start, body, stop)
        start = stop


def _value_span(stream: BinaryIO, wire: int, start: int) -> tuple[int, int]:
    """(begin, end) of the value whose tag was just read."""
    body = stream.tell()
    if wire == VARINT:
        _read_varint(stream)
        return body, stream.tell()
    if wire == BYTES:
        length = _read_varint(stream)
        return stream.tell(), stream.tell() + length
    if wire in (_FIXED64, _FIXED32):
        return body, body + (8 if wire == _FIXED64 else 4)
    raise WireError(f"wire type {wire} at byte {start}")


def _card_value(stream: BinaryIO, item: _Field) -> bytes | None:
    """The value of a metadata entry (key is field 1, value field 2) if its key is ours."""
    if item.number != _METADATA or item.wire != BYTES or item.end - item.body > MAX_ENTRY:
        return None
    entry = {1: b"", 2: b""}
    for part in walk_fields(stream, item.body, item.end):
        if part.number in entry and part.wire == BYTES:
            stream.seek(part.body)
            entry[part.number] = stream.read(part.end - part.body)
    return entry[2] if entry[1] == _KEY else None


def _read_varint(stream: BinaryIO) -> int:
    """A base-128 number, lowest 7 bits first, at most 10 bytes."""
    value = 0
    for shift in range(0, 70, 7):
        byte = stream.read(1)
        if not byte:
            raise WireError("the data ends inside a number")
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    raise WireError("a number of more than 10 bytes")


def _varint(value: int) -> bytes:
    """The bytes that _read_varint reads back."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _length_prefixed(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | BYTES) + _varint(len(body)) + body


class WireError(Exception):
    """The bytes are not a protobuf message."""


def _expect(good: object, name: str, expected: str, value: object) -> None:
    if not good:
        shown = repr(value)
        raise ValueError(f"{name}: expected {expected}, got {shown if len(shown) <= 80 else shown[:77] + '...'}")


def _matches(pattern: str, value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _is_text(value: object) -> bool:
    """A str that UTF-8 can hold."""
    return isinstance(value, str) and value.encode(errors="replace").decode() == value


def _is_json_object(value: object) -> bool:
    """A dict that JSON gives back unchanged: no tuples, no NaN, str keys."""
    try:
        return isinstance(value, dict) and json.loads(json.dumps(value, allow_nan=False)) == value
    except (TypeError, ValueError, RecursionError):
        return False


def _refuse_constant(word: str) -> float:
    raise ValueError(f"expected a number, got {word}")
