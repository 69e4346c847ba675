"""Two lists of detections of one image: matched, moved, drifted, relabeled, lost, new."""

import math
from functools import cached_property
from typing import Any

import numpy as np

from dlcli.errors import DataError
from dlcli.evaluation.diff.change import DECIMALS, Change, Drift, Findings, Limits, Record
from dlcli.evaluation.diff.matching import Pair, match_greedily, overlaps
from dlcli.frozen import dataclass
from dlcli.messages import short_repr

THING, KINDS = "box", ("moved", "drifted", "relabeled", "lost", "new")
FIELDS = frozenset({"detections"})
NO_DRIFT = Drift(score=0, pixels=0)
SHAPE = "detections: expected a list of objects with label, score and box [x1, y1, x2, y2]"


@dataclass(frozen=True)
class Detections:
    """The detections of a record. xyxy: float64 [N, 4]. scores: float64 [N]."""

    items: list[Record]
    labels: list[str]
    xyxy: np.ndarray
    scores: np.ndarray

    @cached_property
    def identities(self) -> list[tuple]:
        """All that tells one from another, the score first."""
        rows = zip(self.scores.tolist(), self.xyxy.tolist(), self.labels, strict=True)
        return [(score, *box, label) for score, box, label in rows]


def diff(a: Record, b: Record, places: tuple[str, str], limits: Limits, found: Findings) -> None:
    """Add what changed. Boxes of one label are matched first (see `match_greedily`), from limits.iou on; what is left
    over of different labels is matched in the same way and was relabeled; the rest was lost or is new.

    places: file and line of each, for messages. DataError: the detections of a record are none.
    """
    first, second = read_detections(a, places[0]), read_detections(b, places[1])
    overlap = overlaps(first.xyxy, second.xyxy)  # [N, M]
    same = _same_labels(first.labels, second.labels)
    matched = match_greedily(np.where(same, overlap, -1), limits.iou, first.identities, second.identities)
    left = overlap.copy()
    left[[i for i, _, _ in matched], :] = -1
    left[:, [j for _, j, _ in matched]] = -1
    renamed = match_greedily(left, limits.iou, first.identities, second.identities)
    _compare_matched(first, second, matched, limits, found)
    for i, j, iou in renamed:
        found.changes.append(Change("relabeled", "box", "", first.items[i], second.items[j], iou=iou))
    pairs = matched + renamed
    lost = _rest(len(first.items), [i for i, _, _ in pairs])
    new = _rest(len(second.items), [j for _, j, _ in pairs])
    near = np.where(same, overlap, 0)[np.ix_(lost, new)]  # [lost, new]
    for i, iou in zip(lost, near.max(axis=1, initial=0).tolist(), strict=True):
        found.changes.append(Change("lost", "box", first.labels[i], first.items[i], None, iou=iou or None))
    for j, iou in zip(new, near.max(axis=0, initial=0).tolist(), strict=True):
        found.changes.append(Change("new", "box", second.labels[j], None, second.items[j], iou=iou or None))


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
        raise DataError(f"{place}: {SHAPE}, got {short_repr(items)}")
    return Detections(items, labels, xyxy.astype(np.float64), np.array(scores, np.float64))


def _same_labels(a: list[str], b: list[str]) -> np.ndarray:
    """bool [N, M]."""
    numbers = {label: number for number, label in enumerate(dict.fromkeys(a + b))}
    first, second = (np.array([numbers[label] for label in labels], np.int64) for labels in (a, b))
    return first[:, None] == second[None, :]


def _compare_matched(a: Detections, b: Detections, matched: list[Pair], limits: Limits, found: Findings) -> None:
    """Of boxes in both: how far each moved, how far its score drifted."""
    if not matched:
        return
    rows, columns = [i for i, _, _ in matched], [j for _, j, _ in matched]
    moves = np.round(np.abs(a.xyxy[rows] - b.xyxy[columns]).max(axis=1), DECIMALS)  # [pairs]
    drifts = np.round(b.scores[columns] - a.scores[rows], DECIMALS) + 0.0
    found.drift.add(score=float(np.abs(drifts).max()), pixels=float(moves.max()))
    for (i, j, iou), pixels, drift in zip(matched, moves.tolist(), drifts.tolist(), strict=True):
        label, sides = a.labels[i], (a.items[i], b.items[j])
        found.add_ids(label, *sides)
        if pixels > limits.pixels:
            found.changes.append(Change("moved", "box", label, *sides, pixels=pixels, iou=iou))
        if abs(drift) > limits.tol:
            found.changes.append(Change("drifted", "box", label, *sides, drift=drift))


def _rest(count: int, used: list[int]) -> list[int]:
    taken = set(used)
    return [number for number in range(count) if number not in taken]
