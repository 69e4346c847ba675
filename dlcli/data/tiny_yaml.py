"""Reads the few keys of a YOLO data.yaml that matter, without a YAML library.

It knows scalars, lists and flat mappings in block and flow style, quotes and comments. Other keys are skipped
unread, however they are written; of the keys asked for, anything else (anchors, tags, block text, nesting) is refused.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

from dlcli.data.files import read_text
from dlcli.errors import DataError
from dlcli.messages import short_repr

Scalar = str | None
Value = Scalar | list[Scalar] | dict[str, Scalar]

_QUOTED = r'"(?:[^"\\]|\\.)*"|\'(?:[^\']|\'\')*\''
_TOP = re.compile(rf"({_QUOTED}|[^\s#\-\[\]{{}}][^:]*)\s*:(?:\s+(.*)|\s*)$", re.DOTALL)
_PAIR = re.compile(rf"\s*(?:({_QUOTED})\s*:|([^\s:](?:[^:]|:(?=\S))*):(?=\s|$))(.*)$", re.DOTALL)
_STRAY_QUOTE = re.compile(r"(?<![^\W_])['\"]")  # after a letter or digit it is an apostrophe or an inch
_NOTHING = ("", "~", "null", "Null", "NULL")


def read_keys(path: Path, wanted: tuple[str, ...]) -> dict[str, Value]:
    """The wanted top-level keys that the file has. Scalars stay text; an empty one, ~ and null are None.

    DataError names the file, the line and what could not be read.
    """
    values: dict[str, Value] = {}
    for key, number, first, body in _entries(read_text(path)):
        if key not in wanted:
            continue
        try:
            if key in values:
                raise DataError("expected this key once")
            values[key] = _value(first, body)
        except DataError as error:
            raise DataError(f"{path}: line {number}: {key}: {error}") from None
    return values


def _entries(text: str) -> Iterator[tuple[str, int, str, list[str]]]:
    """Each top-level key: its name, its line from 1, the rest of that line, and the lines below it."""
    key, start, first, body = "", 0, "", list[str]()
    for number, line in enumerate(map(_uncommented, text.splitlines()), 1):
        match = _TOP.match(line)
        if match is None:
            body += [line] if line.strip() not in ("", "---", "...") else []
            continue
        if key:
            yield key, start, first, body
        key, start, first, body = match[1].strip().strip("'\""), number, (match[2] or "").strip(), []
    if key:
        yield key, start, first, body


def _value(first: str, body: list[str]) -> Value:
    """first: what follows the colon; body: the lines below, comments and blank lines gone."""
    if first[:1] in ("[", "{"):
        return _flow(" ".join([first, *body]).strip())
    if first and body:
        raise DataError(f"expected a value of one line, got {short_repr(first)} and more below it")
    if first or not body:
        return _scalar(first)
    indents = {len(line) - len(line.lstrip()) for line in body}
    if len(indents) > 1:
        raise DataError("expected lines of one indent, got nested ones")
    lines = [line.strip() for line in body]
    if all(re.match(r"-(\s|$)", line) for line in lines):
        return [_scalar(line[1:]) for line in lines]
    return _mapping(lines)


def _flow(text: str) -> Value:
    """[a, b] or {0: a, 1: b}; a comma may end it."""
    closing = "]" if text[0] == "[" else "}"
    if text[-1] != closing or len(text) < 2:
        raise DataError(f"expected {closing!r} at the end, got {short_repr(text[-20:])}")
    items = list(_split(text[1:-1]))
    items = items[:-1] if not items[-1].strip() else items
    return [_scalar(item) for item in items] if closing == "]" else _mapping(items)


def _mapping(items: list[str]) -> dict[str, Scalar]:
    pairs: dict[str, Scalar] = {}
    for item in items:
        match = _PAIR.match(item)
        if match is None:
            raise DataError(f"expected 'key: value', got {short_repr(item.strip())}")
        key = str(_scalar(match[1] or match[2]))
        if key in pairs:
            raise DataError(f"expected each key once, got {short_repr(key)} again")
        pairs[key] = _scalar(match[3])
    return pairs


def _scalar(text: str) -> Scalar:
    text = text.strip()
    if text in _NOTHING:
        return None
    if text[0] in "\"'":
        return _unquoted(text)
    if text[0] in "&*!|>%@`[]{}" or re.search(r":(\s|$)", text) or _STRAY_QUOTE.search(text):
        raise DataError(f"cannot read {short_repr(text)}; expected plain text, or text in quotes")
    return text


def _unquoted(text: str) -> str:
    if not re.fullmatch(_QUOTED, text, re.DOTALL):
        raise DataError(f"expected quotes around the whole text, got {short_repr(text)}")
    if text[0] == "'":
        return text[1:-1].replace("''", "'")
    try:
        return str(json.loads(text, strict=False))  # the escapes of JSON are YAML's too
    except ValueError:
        raise DataError(f"cannot read the escapes in {short_repr(text)}") from None


def _split(text: str) -> Iterator[str]:
    """The parts between commas that stand outside quotes."""
    start = 0
    for place in _outside_quotes(text):
        if text[place] == ",":
            yield text[start:place]
            start = place + 1
    yield text[start:]


def _uncommented(line: str) -> str:
    """The line up to a # that stands outside quotes, at its start or after a space."""
    for place in _outside_quotes(line):
        if line[place] == "#" and (place == 0 or line[place - 1].isspace()):
            return line[:place].rstrip()
    return line.rstrip()


def _outside_quotes(text: str) -> Iterator[int]:
    """Places of the characters that are not inside a quoted text; one after a letter or digit opens none."""
    opener, place, fresh = re.compile(_QUOTED), 0, True
    while place < len(text):
        quoted = opener.match(text, place) if fresh else None
        if quoted:
            place, fresh = quoted.end(), False
            continue
        yield place
        fresh = not text[place].isalnum()
        place += 1
