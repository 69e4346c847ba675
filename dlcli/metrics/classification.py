"""How often a classifier is right: top-1, top-5, a class at a time, confusion, and average precision."""

from collections.abc import Sequence
from dataclasses import field

import numpy as np

from dlcli.frozen import dataclass
from dlcli.metrics.average_precision import precision_recall

TOP = 5


@dataclass(frozen=True)
class ClassificationScores:
    """Scores over `images` images; NaN where there was none to score.

    present: int64 [P], ids of the set's classes. top1, top5: the share of images whose class, or one of whose
    classes, is the best of all classes of the model, or among the five best; ties go to the lower id.
    top1_among, top5_among: the same where only the set's classes compete.
    For each class of the set, [P]: truths, the images that have it; accuracy, the share of these where it is the
    best of all; accuracy_among; found, how often it was the best; ap, average precision over the ranked images.
    map: the mean of `ap`, the score of a multi-label model.
    confusion: int64 [P, P + 1], rows the truth, columns the best class, the last one for classes outside the set;
    images with one class only.
    """

    images: int
    present: np.ndarray
    top1: float
    top5: float
    top1_among: float
    top5_among: float
    truths: np.ndarray
    found: np.ndarray
    accuracy: np.ndarray
    accuracy_among: np.ndarray
    ap: np.ndarray
    map: float
    confusion: np.ndarray


@dataclass
class ClassificationMetric:
    """Takes images one by one. present: ids of the set's classes, ascending."""

    present: Sequence[int]
    scores: list[np.ndarray] = field(default_factory=list)
    truths: list[np.ndarray] = field(default_factory=list)
    ranks: list[tuple[int, int]] = field(default_factory=list)  # of the best true class: among all, among present
    firsts: list[tuple[int, int]] = field(default_factory=list)  # the best class: of all, of present as its place
    _orders: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = field(
        default_factory=dict
    )  # by place, of what was added

    def add(self, scores: np.ndarray, class_ids: Sequence[int]) -> None:
        """scores: float [classes] of the model, finite. class_ids: of the image, each among `present`."""
        places = np.asarray(self.present, np.int64)
        known = np.asarray(scores, np.float64)[places]
        truth = np.isin(places, class_ids)
        self.scores.append(known.astype(np.float32))
        self.truths.append(truth)
        self.ranks.append((best_rank(scores, class_ids), best_rank(known, np.flatnonzero(truth))))
        self.firsts.append((int(np.argmax(scores)), int(np.argmax(known))))
        self._orders.clear()

    def curve(self, place: int, times: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Precision and recall, float64 [N] each, down the ranked images, of the class at a place of `present`.

        times: as for `value`.
        """
        order, hits, last = self._ranked(place)
        times = (np.ones(len(order), np.int64) if times is None else times)[order]
        precision, recall = precision_recall(hits, max(1, int(times[hits].sum())), times)
        return precision[last], recall[last]

    def _ranked(self, place: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Images by their score for a class, int64 [N]; bool [N] each: who has it, and the last of every score.

        Images of one score come in together.
        """
        if place not in self._orders:
            scores = np.array([row[place] for row in self.scores], np.float32)
            hits = np.array([row[place] for row in self.truths], bool)
            order = np.argsort(-scores, kind="stable")
            last = np.append(np.diff(-scores[order]) > 0, True)[: len(order)]
            self._orders[place] = order, hits[order], last
        return self._orders[place]

    def value(self, times: np.ndarray | None = None) -> ClassificationScores:
        """The scores of all images so far. times: int64 [images], how often each counts; None: once."""
        times = np.ones(len(self.ranks), np.int64) if times is None else times
        places = np.asarray(self.present, np.int64)
        truths = np.array(self.truths, bool).reshape(-1, len(places))
        ranks = np.array(self.ranks, np.int64).reshape(-1, 2)
        firsts = np.array(self.firsts, np.int64).reshape(-1, 2)
        count = times @ truths
        best_of_all = firsts[:, :1] == places
        best_among = firsts[:, 1:] == np.arange(len(places))
        ap = np.array([self._ap(place, times) if count[place] else np.nan for place in range(len(places))])
        return ClassificationScores(
            images=int(times.sum()),
            present=places,
            top1=_share(ranks[:, 0] < 1, times),
            top5=_share(ranks[:, 0] < TOP, times),
            top1_among=_share(ranks[:, 1] < 1, times),
            top5_among=_share(ranks[:, 1] < TOP, times),
            truths=count,
            found=times @ best_of_all,
            accuracy=_part(times @ (best_of_all & truths), count),
            accuracy_among=_part(times @ (best_among & truths), count),
            ap=ap,
            map=float(np.nanmean(ap)) if count.any() else float("nan"),
            confusion=_confusion(truths, best_of_all, times),
        )

    def _ap(self, place: int, times: np.ndarray) -> float:
        """Area below precision over recall in steps, not made falling (Zhu 2004; scikit-learn's choice)."""
        precision, recall = self.curve(place, times)
        return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def best_rank(scores: np.ndarray, class_ids: Sequence[int] | np.ndarray) -> int:
    """How many classes stand before the best of `class_ids`, 0 for none; ties go to the lower id.

    Without any class there is nothing to find, and all of them stand before it.
    """
    ids = np.asarray(class_ids, np.int64)
    if not len(ids):
        return len(scores)
    best = int(ids[np.argmax(np.asarray(scores)[ids])])
    return int((scores > scores[best]).sum() + (scores[:best] == scores[best]).sum())


def _confusion(truths: np.ndarray, best: np.ndarray, times: np.ndarray) -> np.ndarray:
    """int64 [P, P + 1] from bool [N, P] each and int64 [N]; see ClassificationScores."""
    single = truths.sum(1) == 1
    chosen = np.concatenate([best, ~best.any(1, keepdims=True)], 1)[single].astype(np.int64)
    return (truths[single] * times[single, None]).T @ chosen


def _share(right: np.ndarray, times: np.ndarray) -> float:
    return float(times[right].sum() / times.sum()) if times.any() else float("nan")


def _part(some: np.ndarray, of: np.ndarray) -> np.ndarray:
    return np.divide(some, of, out=np.full(len(of), np.nan), where=of > 0)
