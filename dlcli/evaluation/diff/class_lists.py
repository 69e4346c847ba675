"""Two lists of classes of one image: another best class, scores that drifted, classes in one list only."""

import math
from typing import Any

from dlcli.errors import DataError
from dlcli.evaluation.diff.change import Change, Drift, Findings, Limits, Record, rounded
from dlcli.messages import short_repr

THING, KINDS = "class", ("relabeled", "drifted", "lost", "new")
FIELDS = frozenset({"classes"})
NO_DRIFT = Drift(score=0)
SHAPE = "classes: expected a list of objects with label and score"


def diff(a: Record, b: Record, places: tuple[str, str], limits: Limits, found: Findings) -> None:
    """Add what changed. places: file and line of each, for messages. DataError: the classes of a record are none."""
    first, second = read_classes(a, places[0]), read_classes(b, places[1])
    best = next(iter(first.values()), None), next(iter(second.values()), None)
    if best[0] and best[1] and best[0]["label"] != best[1]["label"]:
        found.changes.append(Change("relabeled", "class", "", *best))
    for label, item in first.items():
        if label in second:
            _compare(label, item, second[label], limits, found)
    for label, item in _only_in(first, second, limits):
        found.changes.append(Change("lost", "class", label, item, None))
    for label, item in _only_in(second, first, limits):
        found.changes.append(Change("new", "class", label, None, item))


def read_classes(record: Record, place: str) -> dict[str, Record]:
    """The classes of a record by label, best first, or DataError that begins with `place`."""
    items: Any = record.get("classes")
    try:
        whole = isinstance(items, list) and all(
            isinstance(item["label"], str) and math.isfinite(item["score"]) for item in items
        )
    except (KeyError, TypeError, ValueError, OverflowError):
        whole = False
    if not whole:
        raise DataError(f"{place}: {SHAPE}, got {short_repr(items)}")
    return {item["label"]: item for item in items}


def unlisted_bound(classes: dict[str, Record], other: dict[str, Record]) -> float:
    """The most that a class outside the list can have had there, so that a list cut by --top does not lose classes.

    Lists of one length were cut by the same --top: what they leave out has no more than their last class, and no more
    than what a sum of 1 leaves. Lists of different lengths were not, and a class that is not listed counts as 0; so it
    does where the sum is beyond 1, in a model of several classes an image.
    """
    if len(classes) != len(other):
        return 0.0
    scores = [item["score"] for item in classes.values()]
    return max(0.0, min(scores[-1], 1 - sum(scores))) if scores else 0.0


def _compare(label: str, a: Record, b: Record, limits: Limits, found: Findings) -> None:
    drift = rounded(b["score"] - a["score"])
    found.drift.add(score=abs(drift))
    found.add_ids(label, a, b)
    if abs(drift) > limits.tol:
        found.changes.append(Change("drifted", "class", label, a, b, drift=drift))


def _only_in(classes: dict[str, Record], other: dict[str, Record], limits: Limits) -> list[tuple[str, Record]]:
    """Those whose score must differ by more than the tolerance from what they have in the other list."""
    bound = unlisted_bound(other, classes)
    rest = [(label, item) for label, item in classes.items() if label not in other]
    return [(label, item) for label, item in rest if rounded(item["score"] - bound) > limits.tol]
