"""Average precision from a ranked list of hits: COCO's 101 points, VOC's area, VOC's 11 points."""

import numpy as np

from dlcli.metrics.box_matching import HIT, LEFT_OUT

COCO_RECALLS = np.linspace(0.0, 1.0, 101)
VOC_RECALLS = np.arange(11) / 10


def precision_recall(hits: np.ndarray, truths: int, times: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Precision and recall after each found box.

    hits: bool [N], best score first, True where the box found a truth of its own. truths: how many there were, > 0.
    times: int64 [N], how often each stands in the list; None: once. One that stands there no time changes nothing.
    Returns two float64 [N] in [0, 1].
    """
    times = np.ones(len(hits), np.int64) if times is None else times
    found, seen = np.cumsum(hits * times), np.cumsum(times)  # [N]
    return found / np.maximum(seen, 1), found / truths


def precision_recall_at_hits(statuses: np.ndarray, truths: int, times: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same after the hits alone, two float64 [number of hits]: average precision asks no other place.

    Precision falls from one hit to the next, so that the best precision from a place on is that of a hit.
    statuses: int8 [N] of HIT, MISS or LEFT_OUT, best score first.
    """
    hits = np.flatnonzero(statuses == HIT)
    seen = np.cumsum(times * (statuses != LEFT_OUT))[hits]
    found = np.cumsum(times[hits])
    return found / np.maximum(seen, 1), found / truths


def coco_ap(precision: np.ndarray, recall: np.ndarray) -> float:
    """Mean over the recalls 0, 0.01 ... 1 of the best precision at that recall or beyond (COCOeval.accumulate).

    precision, recall: float64 [N]; N = 0 gives 0.
    """
    return float(_at(COCO_RECALLS, precision, recall).mean())


def voc11_ap(precision: np.ndarray, recall: np.ndarray) -> float:
    """Mean over the recalls 0, 0.1 ... 1 of the best precision at that recall or beyond (VOC 2007, VOCevaldet.m).

    precision, recall: float64 [N]; N = 0 gives 0.
    """
    return float(_at(VOC_RECALLS, precision, recall).mean())


def voc_ap(precision: np.ndarray, recall: np.ndarray) -> float:
    """Area below the precision made falling, over every step of recall (VOC 2010 and later, VOCap.m).

    precision, recall: float64 [N]; N = 0 gives 0.
    """
    steps = np.diff(recall, prepend=0.0)  # [N]
    return float(np.sum(steps * _falling(precision)))


def _falling(precision: np.ndarray) -> np.ndarray:
    """The best precision here or further down the list, [N]."""
    return np.maximum.accumulate(precision[::-1])[::-1]


def _at(points: np.ndarray, precision: np.ndarray, recall: np.ndarray) -> np.ndarray:
    """The falling precision at the first place that reaches each recall, 0 where none does, [len(points)]."""
    places = np.searchsorted(recall, points, side="left")
    return np.append(_falling(precision), 0.0)[places]
