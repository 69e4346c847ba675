"""What a gate may ask of a record, and the answer: how many, how sure, how much of the image.

All follows from the task's schema and from whether its labels are a ranking, so that a new task can have gates too: a
list of "detections", "classes" or "findings" whose items have a label (or a kind), and a score, a share or a box.
"""

from collections.abc import Sequence
from typing import Any

from dlcli.batch.gates.expression import COUNT, SCORE, SHARE, Term
from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.tasks.contract import SHOWN_PIXEL, SHOWN_SCORE
from dlcli.tasks.groups import NO_GROUPS, Groups
from dlcli.tasks.registry import find_task

Record = dict[str, Any]
Box = Sequence[float]
_LISTS = {"detections": "label", "classes": "label", "findings": "kind"}  # field of a record -> what names an item


@dataclass(frozen=True)
class Countable:
    """What a task's records hold for gates. quantities: of QUANTITIES. kinds: all labels, () where the model says."""

    quantities: tuple[str, ...]
    kinds: tuple[str, ...]
    once: bool  # a label is there or not: no count of it is above 1


def countable_of(task: str) -> Countable:
    """From the task's schema. UsageError: no such task."""
    known = find_task(task)
    properties = known.schema()["properties"]
    for name, key in _LISTS.items():
        item = properties.get(name, {}).get("items", {}).get("properties", {})
        if key in item:
            return _countable(item, key, known.ranked)
    return Countable((), (), False)


def _countable(item: dict[str, Any], key: str, ranked: bool) -> Countable:
    """item: the schemas of an item's fields.

    A ranking has no count, since how long it is says nothing about the image.
    """
    there = {COUNT: not ranked, SCORE: "score" in item, SHARE: "share" in item or "box" in item}
    quantities = tuple(quantity for quantity, is_there in there.items() if is_there)
    return Countable(quantities, tuple(item[key].get("enum", ())), "share" in item)


class Measured:
    """The terms of one good record, each worked out once. groups: classes that have a name together."""

    def __init__(self, record: Record, groups: Groups = NO_GROUPS):
        self.record, self.groups, self.known = record, groups, dict[Term, float]()

    def __call__(self, term: Term) -> float:
        if term not in self.known:
            self.known[term] = measure(self.record, term, self.groups)
        return self.known[term]

    def is_meant(self, label: str, asked: str | None) -> bool:
        """Whether a label of the record is one that a term asks for; None asks for all."""
        return asked is None or label.casefold() in self.groups.meant(asked)


def measure(record: Record, term: Term, groups: Groups = NO_GROUPS) -> float:
    """The term in one good record.

    count: of items with that label. score: the best of them, 0 without any. share: of the image's area, in [0, 1]; of
    boxes what they cover together, of masks their sum. DataError: the record is not as `dlcli schema` describes.
    """
    try:
        items = _items(record, None if term.label is None else groups.meant(term.label))
        if term.quantity == COUNT:
            return float(len(items))
        if term.quantity == SCORE:
            return float(max((item["score"] for item in items), default=0.0))
        if "detections" not in record:
            return float(min(1.0, round(sum(item["share"] for item in items), SHOWN_SCORE)))
        return covered_share([item["box"] for item in items], record["width"], record["height"])
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        what = f"{type(error).__name__}: {error}"
        raise DataError(
            f"{record.get('source')}: {term} cannot be read from its record ({what}); create it again"
        ) from None


def _items(record: Record, wanted: frozenset[str] | None) -> list[Record]:
    """Those whose label is one of these, whatever its case; None: all."""
    name = next((name for name in _LISTS if name in record), None)
    if name is None:
        raise DataError(
            f"{record.get('source')}: its record has no {', no '.join(_LISTS)}, so no gate can be set on it; "
            "of preprocess only --check finds something"
        )
    key = _LISTS[name]
    return [item for item in record[name] if wanted is None or item[key].casefold() in wanted]


def covered_share(boxes: Sequence[Box], width: int, height: int) -> float:
    """Area that the boxes cover together, of an image of width x height pixels, in [0, 1].

    boxes: N times x1, y1, x2, y2 in pixels with SHOWN_PIXEL decimals, in which the area is exact. No boxes cover
    nothing, nor does a box that ends before it begins. ValueError: a corner is not finite.

    A line sweeps over the image from each x where a box begins or ends to the next, and knows for each stretch of y
    between two edges in how many boxes it is: O(N^2) time, O(N) memory.
    """
    if not boxes:
        return 0.0
    import numpy as np

    unit = 10**SHOWN_PIXEL
    corners = np.array(boxes, np.float64)  # [N, 4]
    if not np.isfinite(corners).all():
        raise ValueError("a box with a corner that is not a number")
    limits = np.array([width, height, width, height]) * unit
    edges = np.clip(np.rint(corners * unit), 0, limits).astype(np.int64)
    edges = edges[(edges[:, 0] < edges[:, 2]) & (edges[:, 1] < edges[:, 3])]
    rows = np.unique(edges[:, 1::2])  # [R], sorted
    heights, depth = np.diff(rows), np.zeros(max(len(rows) - 1, 0), np.int64)  # of each stretch: [R - 1]
    firsts, ends = np.searchsorted(rows, edges[:, 1]), np.searchsorted(rows, edges[:, 3])
    events = [(x, 1, i) for i, x in enumerate(edges[:, 0].tolist())]
    events += [(x, -1, i) for i, x in enumerate(edges[:, 2].tolist())]
    area = last = 0
    for x, step, i in sorted(events):
        if x > last:
            area += (x - last) * int(heights[depth > 0].sum())
            last = x
        depth[firsts[i] : ends[i]] += step
    return area / (width * height * unit * unit)
