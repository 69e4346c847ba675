"""The changes of a comparison by label, the labels with most of them first, and of each the biggest first."""

from collections import Counter

from dlcli.evaluation.diff.change import Change
from dlcli.evaluation.diff.compare import Difference
from dlcli.evaluation.diff.parts import kinds_of
from dlcli.evaluation.diff.record_file import Key

MOST_LABELS = 20  # that get a line of their own


def label_of(change: Change) -> str:
    """The label that a change is about, of one that got another label the first; "" for images and fields."""
    if change.thing in ("image", "field"):
        return ""
    side = change.b if change.a is None else change.a
    return change.name or (side.get("label", "") if isinstance(side, dict) else "")


def biggest_first(difference: Difference) -> list[tuple[Key, Change]]:
    """Images and fields, then label by label; within a label by kind, each from the biggest change to the least.

    Equal ones stay in the order of their images.
    """
    counts = Counter(label_of(change) for _, change in difference.changes)
    kinds = [(thing, kind) for thing, of_thing in kinds_of(difference.task).items() for kind in of_thing]
    order = {kind: number for number, kind in enumerate(kinds)}

    def place(found: tuple[Key, Change]) -> tuple[bool, int, str, int, float]:
        change, label = found[1], label_of(found[1])
        return label != "", -counts[label], label, order[change.thing, change.kind], -size_of(change)

    return sorted(difference.changes, key=place)


def size_of(change: Change) -> float:
    """How big it is among those of its kind: pixels, else drift, else how unlike two masks are, else the score or share
    of what is on one side alone."""
    if change.kind in ("lost", "new"):
        side = change.b if change.a is None else change.a
        value = side.get("score", side.get("share")) if isinstance(side, dict) else None
        return 0.0 if value is None else float(value)
    if change.pixels is not None:
        return change.pixels
    if change.drift is not None:
        return abs(change.drift)
    return 0.0 if change.iou is None else 1 - change.iou


def label_lines(difference: Difference) -> list[str]:
    """A line a label, such as "person: 12 lost, 3 new"; none where there is one label or none."""
    kinds: dict[str, Counter[str]] = {}
    for _, change in biggest_first(difference):
        if label := label_of(change):
            kinds.setdefault(label, Counter())[change.kind] += 1
    if len(kinds) < 2:
        return []
    lines = [f"{label}: {', '.join(f'{n:,} {kind}' for kind, n in found.items())}" for label, found in kinds.items()]
    more = len(lines) - MOST_LABELS
    return [*lines[:MOST_LABELS], *([f"... and {more:,} more labels"] if more > 0 else [])]
