"""Scores that mean what they say: of the boxes with score 0.7, seven in ten are right.

A network's scores are ordered well and sized badly: trained against thousands of background anchors, or on a teacher's
soft scores, they come out too low or too high (Guo et al., arXiv:1706.04599). Platt's scaling sets that right by two
numbers, fitted on images that were not learned from: sigmoid(scale * logit + shift). As scale > 0, the order of the
boxes, and with it average precision, stays.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcli.frozen import dataclass

KEY = "calibration"  # in a card's decoding: [scale, shift]
TAIL = 0.05  # of the right boxes, those of the lowest scores, take no part in a fit
LEAST = 10  # right and wrong boxes each, for a fit
STEPS = 100


@dataclass(frozen=True)
class Calibration:
    """score = sigmoid(scale * logit + shift), scale above 0."""

    scale: float = 1.0
    shift: float = 0.0

    def scores(self, logits: "np.ndarray") -> "np.ndarray":
        """float32 of the same shape, in [0, 1]."""
        return (1 / (1 + np.exp(-(self.scale * logits + self.shift)))).astype(np.float32)

    def logits(self, scores: "np.ndarray") -> "np.ndarray":
        """float64, the inverse of `scores`; of one nearer than 1e-6 to 0 or 1, what 1e-6 from it has."""
        scores = np.clip(np.asarray(scores, np.float64), 1e-6, 1 - 1e-6)
        return (np.log(scores / (1 - scores)) - self.shift) / self.scale


PLAIN = Calibration()


def calibration_of(decoding: Mapping[str, Any]) -> Calibration:
    """That of a model card, the plain sigmoid where it tells none. ValueError: it is no pair of numbers."""
    told = decoding.get(KEY)
    if told is None:
        return PLAIN
    good = isinstance(told, list | tuple) and len(told) == 2 and all(type(v) in (int, float) for v in told)
    if not good or not 0 < told[0] <= 1000 or abs(told[1]) > 1000:
        raise ValueError(f"{KEY}: expected a scale above 0 and a shift, got {str(told)[:60]}")
    return Calibration(*map(float, told))


def fit_scores(scores: "np.ndarray", right: "np.ndarray") -> Calibration:
    """That of plain sigmoid scores (float [N]) of boxes that are `right` or not (bool [N]). ValueError: as below.

    The many boxes below nearly all right ones, which nobody asks for, would bend the line: they take no part.
    """
    kept = scores >= np.quantile(scores[right], TAIL, method="lower") if right.any() else scores >= 0
    return fit_calibration(PLAIN.logits(scores[kept]), right[kept])


def fit_calibration(logits: "np.ndarray", right: "np.ndarray") -> Calibration:
    """Logistic regression of `right` (bool [N]) on logits (float [N]) by Newton's method, smoothed as Platt (1999).

    ValueError: fewer than LEAST right or wrong ones, or those of higher logits are not right more often.
    """
    hits, misses = int(right.sum()), int((~right).sum())
    if min(hits, misses) < LEAST:
        raise ValueError(f"expected {LEAST} right and {LEAST} wrong boxes or more, got {hits} and {misses}")
    target = np.where(right, (hits + 1) / (hits + 2), 1 / (misses + 2))
    x = np.stack([logits.astype(np.float64), np.ones(len(logits))], 1)
    found = np.array([0.0, np.log((hits + 1) / (misses + 1))])
    for _ in range(STEPS):
        score = 1 / (1 + np.exp(-np.clip(x @ found, -500, 500)))
        weight = np.maximum(score * (1 - score), 1e-12)
        step = np.linalg.solve((x.T * weight) @ x + 1e-9 * np.eye(2), x.T @ (target - score))
        found += step * min(1.0, 10 / max(np.abs(step).max(), 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    if not 0 < found[0] <= 1000:
        raise ValueError("boxes of higher scores are not right more often; train longer")
    return Calibration(round(float(found[0]), 4), round(float(found[1]), 4))


def calibration_error(scores: "np.ndarray", right: "np.ndarray", bins: int = 10) -> float:
    """Expected calibration error: |mean score - share that is right|, over equal bins of the score, by their counts."""
    of = np.minimum((scores * bins).astype(int), bins - 1)
    gaps = [
        abs(scores[of == k].mean() - right[of == k].mean()) * (of == k).mean() for k in range(bins) if (of == k).any()
    ]
    return float(sum(gaps))
