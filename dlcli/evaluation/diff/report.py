"""A whole comparison: lines and a summary line for people, one JSON object for programs."""

import json
from typing import Any

from dlcli.errors import DataError
from dlcli.evaluation.diff.by_label import biggest_first
from dlcli.evaluation.diff.change import Change
from dlcli.evaluation.diff.compare import Difference
from dlcli.evaluation.diff.describe import describe
from dlcli.evaluation.diff.parts import kinds_of, partial_name
from dlcli.evaluation.diff.record_file import key_fields, shown
from dlcli.messages import listed, plural

PLURALS = {"box": "boxes", "class": "classes"}
MOST_VALUES = 3  # of a note


def lines(difference: Difference) -> list[str]:
    """A line a change, the image first, in the order of `biggest_first`."""
    changes = biggest_first(difference)
    return [f"{shown(key)}: {describe(change, difference.a, difference.b)}" for key, change in changes]


def notes(difference: Difference) -> list[str]:
    """A line a note; and a hint where the files have no image in common."""
    parts = [
        f"{note.name}: {listed(note.a, MOST_VALUES)} in {difference.a}, {listed(note.b, MOST_VALUES)} in {difference.b}"
        for note in difference.notes
    ]
    images = difference.images
    if images["a"] and images["b"] and not images["compared"]:
        parts.append("no image is in both: images are paired by source, so run dlcli in the same folder both times")
    return parts


def sentence(difference: Difference) -> str:
    """Such as "60 images compared: 58 the same, 1 box moved (3.0 px, IoU 0.98), 1 box lost; at most ..."."""
    compared, same = difference.images["compared"], difference.images["same"]
    head = f"{_many(compared, 'image')} compared" if compared else "no image compared"
    counts = [f"{same:,} the same" if same < compared else "all the same"] if compared > 1 else []
    if compared == 1 and same:
        counts = ["the same"]
    counts += [
        _counted(thing, kind, difference) for thing, kinds in kinds_of(difference.task).items() for kind in kinds
    ]
    return "; ".join(part for part in (_joined(head, [text for text in counts if text]), _drift(difference)) if part)


def as_json(difference: Difference) -> dict[str, Any]:
    """One JSON object in a fixed order; every kind of change that the task can have is counted, also at 0."""
    counts, kinds = difference.counts, kinds_of(difference.task)
    return {
        "schema": "dlcli.diff/1",
        "a": difference.a,
        "b": difference.b,
        "task": difference.task,
        "changed": bool(difference.changes),
        "limits": vars(difference.limits),
        "images": difference.images,
        "counts": {thing: {kind: counts[thing, kind] for kind in of_thing} for thing, of_thing in kinds.items()},
        "drift": difference.drift.fields(),
        "notes": [{"name": note.name, "a": list(note.a), "b": list(note.b)} for note in difference.notes],
        "changes": [key_fields(key) | change.fields() for key, change in difference.changes],
    }


def to_text(difference: Difference) -> str:
    """`as_json` as one line. DataError: a record holds what JSON cannot."""
    try:
        return json.dumps(as_json(difference), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        raise DataError(
            f"{difference.a}, {difference.b}: a record holds NaN or Infinity, which are not JSON; write the "
            "records again"
        ) from None


def _counted(thing: str, kind: str, difference: Difference) -> str:
    """Such as "2 boxes moved (up to 3.0 px)", "" for none."""
    found = [change for _, change in difference.changes if (change.thing, change.kind) == (thing, kind)]
    if not found:
        return ""
    return f"{_many(len(found), thing)} {kind}{_worst(found)}"


def _worst(changes: list[Change]) -> str:
    """In brackets the one that changed most, where that can be measured."""
    one = len(changes) == 1
    pixels = [change.pixels for change in changes if change.pixels is not None]
    ious = [change.iou for change in changes if change.iou is not None and None not in (change.a, change.b)]
    drifts = [change.drift for change in changes if change.drift is not None]
    parts = [f"{'' if one else 'up to '}{max(pixels):.1f} px"] if pixels else []
    parts += [f"IoU {'' if one else 'from '}{min(ious):.2f}"] if ious else []
    parts += [f"by {max(drifts, key=abs):+.4f}" if one else f"by up to {max(map(abs, drifts)):.4f}"] if drifts else []
    return f" ({', '.join(parts)})" if parts else ""


def _drift(difference: Difference) -> str:
    """What was measured at most, also within the limits."""
    part, drift = partial_name(difference.task), difference.drift
    if part is not None and drift == part.NO_DRIFT:
        return "nothing drifted"
    noun = "score" if drift.iou is None else "share"
    parts = [f"{drift.score:.4f} of a {noun}"] if drift.score is not None else []
    parts += [f"{drift.pixels:.2f} px of a box"] if drift.pixels is not None else []
    parts += [f"lowest IoU {drift.iou:.4f}"] if drift.iou is not None else []
    return f"largest drift {', '.join(parts)}" if parts else ""


def _joined(head: str, parts: list[str]) -> str:
    return f"{head}: {', '.join(parts)}" if parts else head


def _many(count: int, noun: str) -> str:
    return plural(count, noun, PLURALS.get(noun, ""))
