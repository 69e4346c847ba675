"""A JSON Schema as a function that says what is wrong with a value: the part of Draft 2020-12 that records use.

Quick enough to be asked of every record, unlike a library for all of JSON Schema, which the tests hold it against. On
top of the schema, what no later reader can hold is refused: numbers that are not finite or beyond LARGEST, text that
UTF-8 cannot hold, "contentEncoding": "base64" that is none.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from dlcli.messages import short_repr

Schema = Mapping[str, Any]
Check = Callable[[Any], str | None]  # None, or where and what: ".box[2]: expected a number, got 'x'"
LARGEST = 1 << 53  # numbers stay below it: every reader of JSON has those exactly
_HALF = ": expected text, got half of a surrogate pair"
_SHOWN = 60  # characters of a value that a message repeats
_TYPES = ("string", "integer", "number", "boolean", "array", "object", "null")
_KNOWN = {
    *("$schema", "title", "description", "type", "const", "enum", "oneOf", "contentEncoding", "pattern", "minimum"),
    *("maximum", "items", "minItems", "maxItems", "properties", "required", "additionalProperties"),
}
_TELLING = _KNOWN - {"$schema", "title", "description"}


def compiled(schema: Schema) -> Check:
    """The check of a schema. ValueError: the schema has a word that this does not know."""
    unknown = sorted(schema.keys() - _KNOWN)
    if unknown:
        raise ValueError(f"JSON Schema: the words {', '.join(unknown)} are not known to dlcli/data/schema_check.py")
    if not schema.keys() & _TELLING:
        return _anything
    if "oneOf" in schema:
        return _one_of(schema["oneOf"])
    if "const" in schema or "enum" in schema:
        return _among([schema["const"]] if "const" in schema else list(schema["enum"]))
    types = schema.get("type", [name for name in _TYPES if name != "integer"])
    if isinstance(types, str):
        return _MAKERS[types](schema)
    checks = [_MAKERS[name](schema) for name in types]
    wanted = f"expected {' or '.join(_WORDS[name] for name in types)}"
    return lambda value: None if any(check(value) is None for check in checks) else _problem(wanted, value)


def with_whole_numbers(value: Any, schema: Schema) -> Any:
    """The value with 7 for each 7.0 where the schema wants a whole number, as which JSON Schema takes it."""
    for branch in schema.get("oneOf", ()):
        value = with_whole_numbers(value, branch)
    if schema.get("type") == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list) and "items" in schema:
        return [with_whole_numbers(item, schema["items"]) for item in value]
    if isinstance(value, dict) and "properties" in schema:
        parts = schema["properties"]
        return {name: with_whole_numbers(part, parts.get(name, {})) for name, part in value.items()}
    return value


def _problem(wanted: str, value: Any) -> str:
    return f": {wanted}, got {short_repr(value, _SHOWN)}"


def _one_of(branches: list[Schema]) -> Check:
    """Objects that one property tells apart by a constant, such as "ok": the check of that branch, chosen at once."""
    name = next(
        name for name, part in branches[0]["properties"].items() if "const" in part and _differs(name, branches)
    )
    checks = {_key(branch["properties"][name]["const"]): compiled(branch) for branch in branches}
    wanted = f"expected {' or '.join(json.dumps(const) for _, const in checks)}"

    def check(value: Any) -> str | None:
        if type(value) is not dict:
            return _problem("expected an object", value)
        if name not in value:
            return f".{name}: is missing"
        found = value[name]
        branch = checks.get(_key(found)) if _is_scalar(found) else None
        return branch(value) if branch is not None else f".{name}{_problem(wanted, found)}"

    return check


def _differs(name: str, branches: list[Schema]) -> bool:
    """Whether every branch requires the property, with a constant of its own."""
    values = [json.dumps(b["properties"][name].get("const")) for b in branches if name in b.get("required", ())]
    return len(set(values)) == len(branches)


def _among(values: list[Any]) -> Check:
    allowed = {_key(value) for value in values}
    wanted = f"expected {' or '.join(json.dumps(value) for value in values)}"
    return lambda value: None if _is_scalar(value) and _key(value) in allowed else _problem(wanted, value)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | None)


def _key(value: Any) -> tuple[bool, Any]:
    """Equal where JSON Schema has two scalars as equal: 1 and 1.0, but not 1 and true."""
    return isinstance(value, bool), value


def _anything(value: Any) -> str | None:
    """Any value that can be written again."""
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        return _HALF
    except (ValueError, RecursionError):
        return ": expected finite numbers and less depth"
    return None


def _string(schema: Schema) -> Check:
    pattern = re.compile(schema["pattern"]) if "pattern" in schema else None
    wanted = "expected text" if pattern is None else f"expected text like {schema['pattern']}"
    in_base64 = schema.get("contentEncoding") == "base64"

    def check(value: Any) -> str | None:
        if type(value) is not str:
            return _problem(wanted, value)
        if not value.isascii() and not _is_utf8(value):
            return _HALF
        if pattern is not None and pattern.search(value) is None:
            return _problem(wanted, value)
        return _problem("expected base64", value) if in_base64 and not _is_base64(value) else None

    return check


def _is_utf8(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_base64(value: str) -> bool:
    try:
        return bool(base64.b64decode(value, validate=True))
    except ValueError:
        return False


def _number(schema: Schema) -> Check:
    low, high, wanted = _range(schema)

    def check(value: Any) -> str | None:
        kind = type(value)
        return None if (kind is float or kind is int) and low <= value <= high else _problem(wanted, value)

    return check


def _integer(schema: Schema) -> Check:
    low, high, wanted = _range(schema)
    return lambda value: None if type(value) is int and low <= value <= high else _problem(wanted, value)


def _range(schema: Schema) -> tuple[float, float, str]:
    """Lowest and highest, and what to say."""
    low, high = schema.get("minimum"), schema.get("maximum")
    word = f"expected {_WORDS[schema.get('type', 'number')]}"
    if low is not None and high is not None:
        word += f" of {low} to {high}"
    elif low is not None or high is not None:
        word += f" of at least {low}" if high is None else f" of at most {high}"
    return (1 - LARGEST if low is None else low), (LARGEST - 1 if high is None else high), word


def _array(schema: Schema) -> Check:
    least, most = schema.get("minItems", 0), schema.get("maxItems", float("inf"))
    of_items = compiled(schema.get("items", {}))
    count = f" of {least}" if least == most else f" of at least {least}" if least else ""

    def check(value: Any) -> str | None:
        if type(value) is not list or not least <= len(value) <= most:
            return _problem(f"expected a list{count}", value)
        for i, item in enumerate(value):
            problem = of_items(item)
            if problem is not None:
                return f"[{i}]{problem}"
        return None

    return check


def _object(schema: Schema) -> Check:
    parts = {name: compiled(part) for name, part in schema.get("properties", {}).items()}
    more = schema.get("additionalProperties", True)
    others = _unknown if more is False else compiled({} if more is True else more)
    required = list(schema.get("required", ()))
    needed = frozenset(required)

    def check(value: Any) -> str | None:
        if type(value) is not dict:
            return _problem("expected an object", value)
        for name, part in value.items():
            problem = parts[name](part) if name in parts else _anything(name) or others(part)
            if problem is not None:
                return f".{short_repr(name, _SHOWN)[1:-1]}{problem}"
        if not needed <= value.keys():
            return f".{next(name for name in required if name not in value)}: is missing"
        return None

    return check


def _unknown(_: Any) -> str:
    return ": is not a field of such a record"


def _single(kind: type, word: str) -> Callable[[Schema], Check]:
    return lambda _: lambda value: None if type(value) is kind else _problem(f"expected {word}", value)


_WORDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_MAKERS: dict[str, Callable[[Schema], Check]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _single(bool, "true or false"),
    "array": _array,
    "object": _object,
    "null": _single(type(None), "null"),
}
