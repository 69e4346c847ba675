"""Two lists of regions of one image, a mask for each class: reshaped, drifted in share, lost, new."""

from typing import Any

import numpy as np

from dlcli.errors import DataError
from dlcli.evaluation.diff.change import Change, Drift, Findings, Limits, Record, rounded
from dlcli.messages import short_repr
from dlcli.ops.masks import text_to_counts

THING, KINDS = "region", ("reshaped", "drifted", "lost", "new")
FIELDS = frozenset({"classes"})
NO_DRIFT = Drift(score=0, iou=1)
SHAPE = "classes: expected a list of objects with label, share and rle {size, counts}"


def diff(a: Record, b: Record, places: tuple[str, str], limits: Limits, found: Findings) -> None:
    """Add what changed. places: file and line of each, for messages. DataError: the classes of a record are none."""
    first, second = read_regions(a, places[0]), read_regions(b, places[1])
    for label, item in first.items():
        if label in second:
            iou = _mask_iou(item["rle"], second[label]["rle"], places)
            _compare(label, item, second[label], iou, limits, found)
        else:
            found.changes.append(Change("lost", "region", label, _shown(item), None))
    for label, item in second.items():
        if label not in first:
            found.changes.append(Change("new", "region", label, None, _shown(item)))


def read_regions(record: Record, place: str) -> dict[str, Record]:
    """The regions of a record by label, or DataError that begins with `place`; run lengths are not looked at yet."""
    items: Any = record.get("classes")
    try:
        whole = isinstance(items, list) and all(_is_region(item) for item in items)
    except (KeyError, TypeError, ValueError, OverflowError):
        whole = False
    if not whole:
        raise DataError(f"{place}: {SHAPE}, got {short_repr(items)}")
    return {item["label"]: item for item in items}


def rle_iou(a: np.ndarray, b: np.ndarray) -> float:
    """Intersection over union of two masks of one size by their run lengths (`ops.masks.rle_counts`), without pixels;
    1 for two empty masks.

    ValueError: the runs do not fill the same number of pixels.
    """
    ends_a, ends_b = np.cumsum(a), np.cumsum(b)
    if len(a) and len(b) and ends_a[-1] != ends_b[-1]:
        raise ValueError(f"run lengths: {ends_a[-1]} pixels and {ends_b[-1]}")
    edges = np.unique(np.concatenate([ends_a, ends_b]))  # no run of either mask ends between two of them
    lengths = np.diff(edges, prepend=0)
    inside_a = np.searchsorted(ends_a, edges) % 2 == 1  # the run that an edge ends or lies in; every other one is 1
    inside_b = np.searchsorted(ends_b, edges) % 2 == 1
    union = int(lengths[inside_a | inside_b].sum())
    return int(lengths[inside_a & inside_b].sum()) / union if union else 1.0


def _is_region(item: Any) -> bool:
    height, width = item["rle"]["size"]
    whole = isinstance(item["label"], str) and isinstance(item["rle"]["counts"], str)
    return whole and height > 0 and width > 0 and 0 <= item["share"] <= 1


def _mask_iou(a: Record, b: Record, places: tuple[str, str]) -> float:
    """0 where the sizes differ: then no pixel of one is a pixel of the other."""
    if a == b:
        return 1.0
    counts = _counts(a, places[0]), _counts(b, places[1])
    return rounded(rle_iou(*counts)) if a["size"] == b["size"] else 0.0


def _counts(rle: Record, place: str) -> np.ndarray:
    height, width = rle["size"]
    try:
        counts = text_to_counts(rle["counts"])
        if (counts < 0).any() or counts.sum() != height * width:
            raise ValueError(f"run lengths: expected {height * width} pixels in all, got {counts.sum()}")
    except ValueError as error:
        raise DataError(f"{place}: {error}") from None
    return counts


def _compare(label: str, a: Record, b: Record, iou: float, limits: Limits, found: Findings) -> None:
    drift = rounded(b["share"] - a["share"])
    found.drift.add(score=abs(drift), iou=iou)
    found.add_ids(label, a, b)
    sides = _shown(a), _shown(b)
    if iou < limits.iou:
        found.changes.append(Change("reshaped", "region", label, *sides, iou=iou))
    if abs(drift) > limits.tol:
        found.changes.append(Change("drifted", "region", label, *sides, drift=drift))


def _shown(item: Record) -> Record:
    """Without the run lengths, which are long."""
    return {name: value for name, value in item.items() if name != "rle"}
