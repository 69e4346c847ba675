"""Whether a record that was read back is of the kinds that dlcli writes, so that nobody after it need ask.

What a task may leave out may be missing; what is there must be of its kind: `dlcli schema` has the whole. Records are
edited by hand and made by other programs.
"""

import base64
import json
from collections.abc import Callable
from typing import Any

from dlcli.data.files import shortened

Test = Callable[[Any], bool]
_SHOWN = 60  # characters of a value that a message repeats


def flaw_of(record: dict[str, Any]) -> str | None:
    """What is wrong, as a clause such as "detections[0].box: expected four numbers, got [1, 2]"; None: nothing."""
    try:
        json.dumps(record, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        return "expected text, got half of a surrogate pair"
    except (ValueError, RecursionError):
        return "expected finite numbers and less depth"
    flaw = _flaw(record, _RECORD, "")
    flaw = flaw or _flaw(record, _GOOD if record["ok"] else _FAILED, "")
    for name, fields in _LISTS.items():
        flaw = flaw or _flaw_of_list(name, record.get(name, []), fields)
    return flaw


def _flaw_of_list(name: str, items: Any, fields: "Fields") -> str | None:
    if not isinstance(items, list):
        return f"{name}: expected a list, got {shortened(items, _SHOWN)}"
    for i, item in enumerate(items):
        flaw = _flaw(item, fields, f"{name}[{i}].") if isinstance(item, dict) else f"{name}[{i}]: expected an object"
        if flaw:
            return flaw
    return None


def _flaw(entry: dict[str, Any], fields: "Fields", where: str) -> str | None:
    for name, (holds, what, needed) in fields.items():
        if (needed or name in entry) and not holds(entry.get(name)):
            return f"{where}{name}: expected {what}, got {shortened(entry.get(name), _SHOWN)}"
    return None


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e15


def _is_whole(value: Any) -> bool:
    return type(value) is int and abs(value) < 1 << 53


def _is_side(value: Any) -> bool:
    return _is_whole(value) and 0 < value < 1 << 31


def _is_box(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 4 and all(map(_is_number, value))


def _is_error(value: Any) -> bool:
    return isinstance(value, dict) and _is_text(value.get("kind")) and _is_text(value.get("message"))


def _is_crop(value: Any) -> bool:
    return isinstance(value, dict) and _is_whole(value.get("index"))


def _is_rle(value: Any) -> bool:
    size = value.get("size") if isinstance(value, dict) else None
    return isinstance(size, list) and len(size) == 2 and all(map(_is_side, size)) and _is_text(value.get("counts"))


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _is_base64(value: Any) -> bool:
    try:
        return _is_text(value) and bool(base64.b64decode(value, validate=True))
    except ValueError:
        return False


Fields = dict[str, tuple[Test, str, bool]]  # what holds, in words, and whether the field must be there
_NUMBER = (_is_number, "a number", False)
_RECORD: Fields = {
    "source_bytes": (_is_base64, "base64", False),
    "model": (_is_text, "text", False),
    "crop": (_is_crop, "a crop with an index", False),
    "frame": (_is_whole, "a whole number", False),
    "outputs": (_is_texts, "a list of names", False),
}
_FAILED: Fields = {"error": (_is_error, "a kind and a message", True)}
_GOOD: Fields = dict.fromkeys(("width", "height"), (_is_side, "a number of pixels", False))
_NAMED: Fields = {
    "label": (_is_text, "text", True),
    "class_id": (_is_whole, "a whole number", False),
    "score": _NUMBER,
    "share": _NUMBER,
    "box": (_is_box, "four numbers", False),
    "rle": (_is_rle, "a size [height, width] and counts", False),
}
_LISTS: dict[str, Fields] = {
    "detections": _NAMED,
    "classes": _NAMED,
    "findings": {"kind": (_is_text, "text", True), "message": (_is_text, "text", True)},
    "styles": {"style": (_is_text, "text", True), "share": (_is_number, "a number", True)},
}
