"""The fields of two records that no rule of their own compares: equal, or numbers within the tolerance."""

from collections.abc import Set
from typing import Any

from dlcli.evaluation.diff.change import Change, Findings, Limits, Record, rounded

# Which image and which run it is: pairs are made by the first, notes by the second, the third differ in every run.
LEFT_OUT = frozenset({"source", "source_bytes", "frame", "ok", "schema", "model", "timings", "shard"})


def diff(a: Record, b: Record, compared: Set[str], limits: Limits, found: Findings) -> None:
    """Add the fields that changed, in the order of the records. compared: those that have been seen to."""
    for name in dict.fromkeys([*a, *b]):
        if name in LEFT_OUT or name in compared:
            continue
        sides = a.get(name), b.get(name)
        same = _same_crop(*sides, limits) if name == "crop" else is_close(*sides, limits.tol)
        if not same:
            found.changes.append(Change("changed", "field", name, *sides))


def is_close(a: Any, b: Any, tol: float) -> bool:
    """Whether two JSON values are equal, fractions within `tol`; whole numbers, such as a width, must be equal."""
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(is_close(x, y, tol) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(is_close(a[key], b[key], tol) for key in a)
    if _is_number(a) and _is_number(b) and (isinstance(a, float) or isinstance(b, float)):
        return bool(a == b or rounded(abs(a - b)) <= tol)
    return bool(a == b and isinstance(a, bool) == isinstance(b, bool))


def _same_crop(a: Any, b: Any, limits: Limits) -> bool:
    """The box that an image was cut out by may move as far as any box, and its score may drift as far."""
    if not isinstance(a, dict) or not isinstance(b, dict):
        return bool(a == b)
    rest, other = ({name: value for name, value in crop.items() if name != "box"} for crop in (a, b))
    return is_close(rest, other, limits.tol) and is_close(a.get("box"), b.get("box"), limits.pixels)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
