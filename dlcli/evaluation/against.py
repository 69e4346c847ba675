"""Several models on the same images: the score of each, and how much more than the first it has, with intervals.

A difference is resampled in pairs: each resample draws the same images for both models (B. Efron, R. Tibshirani, "An
Introduction to the Bootstrap", 1993), so that images that are hard for both do not widen its interval.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcli.errors import DataError
from dlcli.evaluation.evaluate import Evaluation
from dlcli.evaluation.tables import rounded
from dlcli.frozen import dataclass
from dlcli.metrics.bootstrap import draws, interval

Bounds = list[float | None]


@dataclass(frozen=True)
class Rival:
    """model: as records name it. By the name of a metric: its value and its interval; what is more than the first's,
    and the interval of that. Without resamples there are no intervals.
    """

    model: str
    scores: dict[str, float | None]
    intervals: dict[str, Bounds]
    more: dict[str, float | None]
    more_intervals: dict[str, Bounds]

    def to_dict(self) -> dict[str, Any]:
        parts = {"intervals": self.intervals, "differences": self.more, "difference_intervals": self.more_intervals}
        return {"model": self.model, **self.scores, **{name: part for name, part in parts.items() if part}}


def rivals(
    evaluations: Sequence[Evaluation[Any]],
    names: Sequence[str],
    resamples: int,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> list[Rival]:
    """One each, in order. names: attributes of their scores, numbers. DataError: they are not of the same images."""
    first, *others = evaluations
    images = [found.item.path for found in first.images]
    for other in others:
        if [found.item.path for found in other.images] != images:
            raise DataError(f"{other.model} was scored on other images than {first.model}; fix the bad files above")
    drawn = list(draws(len(images), resamples, seed))
    values, total = [], len(evaluations) * resamples
    for place, one in enumerate(evaluations):
        rows = []
        for times in drawn:
            scores = one.metric.value(times)
            rows.append([float(getattr(scores, name)) for name in names])
            if progress:
                progress(place * resamples + len(rows), total)
        values.append(np.array(rows).reshape(resamples, len(names)))  # [R, M]
    return [_rival(one, first, names, found, found - values[0]) for one, found in zip(evaluations, values, strict=True)]


def _rival(
    one: Evaluation[Any], first: Evaluation[Any], names: Sequence[str], values: np.ndarray, apart: np.ndarray
) -> Rival:
    """values, apart: float64 [R, M]."""
    scores, before = ({name: float(getattr(e.scores, name)) for name in names} for e in (one, first))
    return Rival(
        one.model,
        {name: rounded(value) for name, value in scores.items()},
        _bounds(names, values),
        {name: rounded(value - before[name]) for name, value in scores.items()},
        _bounds(names, apart),
    )


def _bounds(names: Sequence[str], values: np.ndarray) -> dict[str, Bounds]:
    if not len(values):
        return {}
    return {name: [rounded(float(b)) for b in interval(values[:, place])] for place, name in enumerate(names)}
