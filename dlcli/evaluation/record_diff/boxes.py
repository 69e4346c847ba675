"""Two lists of detections of one picture: matched, moved, drifted, relabelled, lost, new."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from dlcli.data.files import shortened
from dlcli.errors import DataError
from dlcli.evaluation.record_diff.change import Change, Findings, Limits, Record, rounded
from dlcli.evaluation.record_diff.matching import match_greedily, overlaps

FIELDS = frozenset({"detections"})
SHAPE = "detections: expected a list of objects with label, score and box [x1, y1, x2, y2]"


@dataclass(frozen=True)
class Detections:
    """The detections of a record. xyxy: float64 [N, 4]. scores: N numbers."""

    items: list[Record]
    labels: list[str]
    xyxy: np.ndarray
    scores: list[float]

    @cached_property
    def identities(self) -> list[tuple]:
        """All that tells one from another, the score first."""
        rows = zip(self.scores, self.xyxy.tolist(), self.labels, strict=True)
        return [(score, *box, label) for score, box, label in rows]


def diff(a: Record, b: Record, places: tuple[str, str], limits: Limits, found: Findings) -> None:
    """Add what changed. Boxes of one label are matched first (see `match_greedily`), from limits.iou on; what is left
    over of different labels is matched in the same way and was relabelled; the rest was lost or is new.

    places: file and line of each, for messages. DataError: the detections of a record are none.
    """
    first, second = read_detections(a, places[0]), read_detections(b, places[1])
    overlap = overlaps(first.xyxy, second.xyxy)  # [N, M]
    same = np.array([[x == y for y in second.labels] for x in first.labels], bool).reshape(overlap.shape)
    matched = match_greedily(np.where(same, overlap, -1), limits.iou, first.identities, second.identities)
    left = overlap.copy()
    left[[i for i, _, _ in matched], :] = -1
    left[:, [j for _, j, _ in matched]] = -1
    renamed = match_greedily(left, limits.iou, first.identities, second.identities)
    for i, j, iou in matched:
        _compare_pair(first, i, second, j, iou, limits, found)
    for i, j, iou in renamed:
        found.changes.append(Change("relabelled", "box", "", first.items[i], second.items[j], iou=iou))
    pairs = matched + renamed
    for i in _rest(len(first.items), [i for i, _, _ in pairs]):
        found.changes.append(Change("lost", "box", first.labels[i], first.items[i], None))
    for j in _rest(len(second.items), [j for _, j, _ in pairs]):
        found.changes.append(Change("new", "box", second.labels[j], None, second.items[j]))


def read_detections(record: Record, place: str) -> Detections:
    """The detections of a record, or DataError that begins with `place`."""
    items: Any = record.get("detections")
    try:
        labels, scores = [item["label"] for item in items], [item["score"] for item in items]
        xyxy = np.array([item["box"] for item in items] or np.zeros((0, 4)))
        whole = isinstance(items, list) and xyxy.shape == (len(items), 4) and xyxy.dtype.kind in "if"
        whole = whole and all(type(score) in (int, float) and math.isfinite(score) for score in scores)
    except (KeyError, TypeError, ValueError, OverflowError):
        whole = False
    if not whole or not np.isfinite(xyxy).all() or not all(isinstance(label, str) for label in labels):
        raise DataError(f"{place}: {SHAPE}, got {shortened(items)}")
    return Detections(items, labels, xyxy.astype(np.float64), scores)


def _compare_pair(a: Detections, i: int, b: Detections, j: int, iou: float, limits: Limits, found: Findings) -> None:
    """Of one box in both: how far it moved, how far its score drifted."""
    label, sides = a.labels[i], (a.items[i], b.items[j])
    pixels = rounded(np.abs(a.xyxy[i] - b.xyxy[j]).max())
    drift = rounded(b.scores[j] - a.scores[i])
    found.drift.add(score=abs(drift), pixels=pixels)
    found.add_ids(label, *sides)
    if pixels > limits.pixels:
        found.changes.append(Change("moved", "box", label, *sides, pixels=pixels, iou=iou))
    if abs(drift) > limits.tol:
        found.changes.append(Change("drifted", "box", label, *sides, drift=drift))


def _rest(count: int, used: list[int]) -> list[int]:
    taken = set(used)
    return [number for number in range(count) if number not in taken]
