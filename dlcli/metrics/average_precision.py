"""Average precision from a ranked list of hits: COCO's 101 points, VOC's area, VOC's 11 points."""

import numpy as np

COCO_RECALLS = np.linspace(0.0, 1.0, 101)
VOC_RECALLS = np.arange(11) / 10


def precision_recall(hits: np.ndarray, truths: int) -> tuple[np.ndarray, np.ndarray]:
    """Precision and recall after each found box.

    hits: bool [N], best score first, True where the box found a truth of its own. truths: how many there were, > 0.
    Returns two float64 [N] in [0, 1].
    """
    found = np.cumsum(hits, dtype=np.float64)  # [N]
    return found / np.arange(1, len(hits) + 1), found / truths


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
