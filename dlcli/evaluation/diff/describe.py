"""One change as a clause for people."""

import json
from collections.abc import Callable
from typing import Any

from dlcli.evaluation.diff.change import Change, Record
from dlcli.messages import shortened
from dlcli.tasks.answers import Answers, together
from dlcli.units import show_score, show_share

LONGEST_VALUE = 80  # characters of a field's value


def describe(change: Change, a: str, b: str) -> str:
    """Such as "lost: dog 0.81 at [10, 20, 110, 220]". a, b: names of the two files."""
    if change.thing == "image":
        return _image(change, a, b)
    return f"{change.kind}: {_CLAUSES[change.kind](change)}"


def _image(change: Change, a: str, b: str) -> str:
    return {
        "lost": f"lost: only in {a}",
        "new": f"new: only in {b}",
        "failed": f"failed: {change.b} in {b}",
        "recovered": f"recovered: {change.a} in {a} only",
    }[change.kind]


def _changed(change: Change) -> str:
    a, b = (_predictions(change.name, side) for side in (change.a, change.b))
    if not a or not b or a == b:
        a, b = _json(change.a), _json(change.b)
    return f"{change.name} {shortened(a, LONGEST_VALUE)} -> {shortened(b, LONGEST_VALUE)}"


def _predictions(name: str, value: Any) -> str:
    """ "dark 0.72, bright 0.28"; "" where the field holds no predictions."""
    try:
        return together(Answers().predictions({name: value}))
    except (KeyError, TypeError, ValueError, AttributeError):  # of a task that has another use for the field
        return ""


def _json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "a value nested too deep"


def _moved(change: Change) -> str:
    digits = 0 if change.pixels and change.pixels >= 1 else 2
    where = f"{_box(change.a, digits)} -> {_box(change.b, digits)}"
    return f"{change.name} by {change.pixels:.1f} px (IoU {change.iou:.2f}), {where}"


def _reshaped(change: Change) -> str:
    return f"{change.name} (IoU {change.iou:.2f})"


def _drifted(change: Change) -> str:
    name = "score" if "score" in change.a else "share"
    values = f"{name} {change.a[name]:.4f} -> {change.b[name]:.4f} ({change.drift:+.4f})"
    return f"{change.name}{_at(change.a)}, {values}"


def _relabeled(change: Change) -> str:
    iou = "" if change.iou is None else f" (IoU {change.iou:.2f})"
    return f"{_thing(change.a)} -> {_thing(change.b)}{_at(change.a)}{iou}"


def _one_sided(change: Change) -> str:
    side = change.b if change.a is None else change.a
    other = "new" if change.kind == "lost" else "lost"
    near = "" if change.iou is None else f", IoU {change.iou:.2f} with one that is {other}"
    return f"{_thing(side)}{_at(side)}{near}"


def _thing(side: Record) -> str:
    value = show_score(side["score"]) if "score" in side else show_share(side["share"])
    return f"{side['label']} {value}"


def _at(side: Record) -> str:
    return f" at {_box(side)}" if "box" in side else ""


def _box(side: Record, digits: int = 0) -> str:
    return f"[{', '.join(f'{value:.{digits}f}' for value in side['box'])}]"


_CLAUSES: dict[str, Callable[[Change], str]] = {
    "moved": _moved,
    "drifted": _drifted,
    "relabeled": _relabeled,
    "reshaped": _reshaped,
    "lost": _one_sided,
    "new": _one_sided,
    "changed": _changed,
}
