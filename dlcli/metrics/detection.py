"""Average precision of found boxes, by COCO's rules and by PASCAL VOC's; evaluation and training call this."""

import numpy as np

from dlcli.frozen import dataclass
from dlcli.metrics.average_precision import coco_ap, precision_recall_at_hits, voc11_ap, voc_ap
from dlcli.metrics.box_confusion import box_confusion, f1_of
from dlcli.metrics.box_matching import HIT, LEFT_OUT, coco_statuses, overlaps, voc_statuses
from dlcli.records import Boxes

COCO_THRESHOLDS = np.linspace(0.5, 0.95, 10)
VOC_THRESHOLD = 0.5


@dataclass(frozen=True)
class DetectionScores:
    """Average precision in [0, 1] over C classes; NaN for a class without a counted truth, and left out of means.

    map50: COCO's AP at IoU 0.5 (101 points). map50_95: its mean over IoU 0.5, 0.55 ... 0.95.
    map50_voc: area under the curve at 0.5 (VOC 2010 and later). map50_voc11: 11 points (VOC 2007).
    The means are NaN where no class has a truth.
    ap50 ... ap50_voc11: the same per class, float64 [C].
    truths: int64 [C], counted truths (not ignored). found: int64 [C], boxes given. images: how many were added.
    """

    map50: float
    map50_95: float
    map50_voc: float
    map50_voc11: float
    ap50: np.ndarray
    ap50_95: np.ndarray
    ap50_voc: np.ndarray
    ap50_voc11: np.ndarray
    truths: np.ndarray
    found: np.ndarray
    images: int


class DetectionMetric:
    """Collects found boxes against the truth, image by image, and scores them all at the end.

    class_count: C. max_detections: COCO counts only that many best boxes per image and class (its maxDets); the
    VOC figures count all. Order matters only between equal scores: earlier images and boxes come first.
    """

    def __init__(self, class_count: int, max_detections: int = 100):
        self._class_count = class_count
        self._max_detections = max_detections
        self._scores: list[np.ndarray] = []  # float32 [N] per image
        self._class_ids: list[np.ndarray] = []  # int64 [N]
        self._statuses: list[np.ndarray] = []  # int8 [T + 1, N], VOC's last
        self._truths: list[np.ndarray] = []  # int64 [M], classes of the counted truths
        self._ranking: list[_Ranked] | None = None  # of what was added so far
        self.confusion = np.zeros((class_count + 1,) * 2, np.int64)  # see box_confusion

    def add(
        self,
        predicted: Boxes,
        truth_xyxy: np.ndarray,
        truth_class_ids: np.ndarray,
        ignore: np.ndarray,
        crowd: np.ndarray,
    ) -> float:
        """Add one image, and give its F1 (see box_confusion).

        predicted: boxes in any order, class_ids below C. Both sides may be empty.
        truth_xyxy: [M, 4] pixels, x2/y2 exclusive. truth_class_ids: int [M]. ignore, crowd: bool [M]; a crowd is
        ignored too, whatever `ignore` says. ValueError for a class id outside the classes.
        """
        _check_ids("predicted class_ids", predicted.class_ids, self._class_count)
        _check_ids("truth_class_ids", truth_class_ids, self._class_count)
        ignore = ignore | crowd
        boxes = predicted[np.argsort(-predicted.scores, kind="stable")]
        overlap = overlaps(boxes.xyxy, truth_xyxy, crowd)  # [N, M]
        overlap[boxes.class_ids[:, None] != truth_class_ids[None, :]] = -1.0
        voc = voc_statuses(overlap, ignore, crowd, VOC_THRESHOLD)  # [N]
        spare = _rank_in_class(boxes.class_ids) >= self._max_detections  # [N]
        overlap[spare] = -1.0
        coco = coco_statuses(overlap, ignore, crowd, COCO_THRESHOLDS)  # [T, N]
        coco[:, spare] = LEFT_OUT
        self._scores.append(boxes.scores)
        self._class_ids.append(boxes.class_ids)
        self._statuses.append(np.vstack([coco, voc[None]]))
        self._truths.append(truth_class_ids[~ignore])
        self._ranking = None
        confusion = box_confusion(predicted, truth_xyxy, truth_class_ids, ignore, crowd, self._class_count)
        self.confusion += confusion
        return f1_of(confusion)

    def curve(self, class_id: int) -> tuple[np.ndarray, np.ndarray]:
        """Precision and recall at each hit of a class at IoU 0.5, as COCO counts, two float64 [hits]."""
        once = np.ones(len(self._scores), np.int64)
        ranked = self._ranked()[class_id]
        truths = max(1, int(self._truth_counts(once)[class_id]))
        return precision_recall_at_hits(ranked.statuses[0], truths, once[ranked.images])

    def hits(self) -> tuple[np.ndarray, np.ndarray]:
        """Scores of all boxes and whether each is right at IoU 0.5, as COCO counts: float32 [N], bool [N].

        Boxes that COCO leaves out, on truths that are ignored, are left out.
        """
        scores, status = np.concatenate(self._scores), np.concatenate([rows[0] for rows in self._statuses])
        return scores[status != LEFT_OUT], status[status != LEFT_OUT] == HIT

    def value(self, times: np.ndarray | None = None) -> DetectionScores:
        """The scores of all images so far; more may be added after.

        times: int64 [images], how often each counts, as if it had been added so many times (boxes of one score in
        one image aside: their repeats stay together); None: once.
        """
        times = np.ones(len(self._scores), np.int64) if times is None else times
        ranking = self._ranked()
        truths = self._truth_counts(times)
        tables = np.full((self._class_count, len(COCO_THRESHOLDS) + 2), np.nan)  # [C, T + 2]
        for class_id in np.flatnonzero(truths):
            tables[class_id] = _class_row(ranking[class_id], int(truths[class_id]), times)
        coco, voc, voc11 = tables[:, :-2], tables[:, -2], tables[:, -1]
        return DetectionScores(
            map50=_mean(coco[:, 0]),
            map50_95=_mean(coco.mean(axis=1)),
            map50_voc=_mean(voc),
            map50_voc11=_mean(voc11),
            ap50=coco[:, 0],
            ap50_95=coco.mean(axis=1),
            ap50_voc=voc,
            ap50_voc11=voc11,
            truths=truths,
            found=np.array([times[ranked.images].sum() for ranked in ranking], np.int64),
            images=int(times.sum()),
        )

    def _truth_counts(self, times: np.ndarray) -> np.ndarray:
        """int64 [C], the counted truths of each class."""
        repeats = np.repeat(times, [len(row) for row in self._truths])
        classes = np.concatenate([np.zeros(0, np.int64), *self._truths])
        return np.bincount(classes, repeats, self._class_count).astype(np.int64)

    def _ranked(self) -> list["_Ranked"]:
        """The found boxes of each class."""
        if self._ranking is None:
            nothing = np.zeros((len(COCO_THRESHOLDS) + 1, 0), np.int8)
            order = np.argsort(-np.concatenate([np.zeros(0, np.float32), *self._scores]), kind="stable")
            class_ids = np.concatenate([np.zeros(0, np.int64), *self._class_ids])[order]
            statuses = np.concatenate([nothing, *self._statuses], axis=1)[:, order]
            images = np.repeat(np.arange(len(self._scores)), [len(row) for row in self._scores])[order]
            chosen = [class_ids == class_id for class_id in range(self._class_count)]
            self._ranking = [_Ranked(statuses[:, own], images[own]) for own in chosen]
        return self._ranking


@dataclass(frozen=True)
class _Ranked:
    """Boxes of one class, best score first. statuses: int8 [T + 1, K]. images: int64 [K], where each was found."""

    statuses: np.ndarray
    images: np.ndarray


def _class_row(ranked: _Ranked, truths: int, times: np.ndarray) -> list[float]:
    """AP of one class: COCO's at each threshold, then VOC's area and 11 points. times: int64 [images]."""
    repeats = times[ranked.images]  # [K]
    curves = [precision_recall_at_hits(row, truths, repeats) for row in ranked.statuses]
    return [*(coco_ap(*curve) for curve in curves[:-1]), voc_ap(*curves[-1]), voc11_ap(*curves[-1])]


def _rank_in_class(class_ids: np.ndarray) -> np.ndarray:
    """For each box, how many boxes of its class stand before it, int64 [N]."""
    order = np.argsort(class_ids, kind="stable")
    ordered = class_ids[order]
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = np.arange(len(order)) - np.searchsorted(ordered, ordered, side="left")
    return ranks


def _mean(values: np.ndarray) -> float:
    """Mean of the values that are not NaN; NaN where all are."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")


def _check_ids(name: str, class_ids: np.ndarray, count: int) -> None:
    if len(class_ids) and not (class_ids.min() >= 0 and class_ids.max() < count):
        raise ValueError(f"{name}: expected 0 to {count - 1}, got {class_ids.min()} to {class_ids.max()}")
