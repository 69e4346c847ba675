"""How far a score would move with other images: the percentile bootstrap; `dlcli eval` calls this.

B. Efron, "Bootstrap methods: another look at the jackknife", The Annals of Statistics 7 (1979); percentile intervals as
in Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), chapter 13. They are not corrected for bias: the
average precision of a class with few images tends to be higher in a set with repeats, so its interval lies high.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

LEVEL = 0.95


def bootstrap_intervals(
    value: Callable[[np.ndarray], Any],
    images: int,
    names: Sequence[str],
    resamples: int,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, np.ndarray]:
    """The interval that holds LEVEL of a score's values over sets drawn from the images, as large, with replacement.

    value: a metric's, called with int64 [images], how often each image was drawn. names: attributes of what it
    returns, a number or float64 [C] of classes. resamples: how many sets, > 0. Equal seeds draw equal sets.
    Returns for each name float64 [2], or [2, C]: the lower and upper bound. Sets in which a score has no value, such as
    that of a class of which no image was drawn, are left out of its interval; NaN where none is left.
    """
    rows: list[list[np.ndarray]] = []
    for times in draws(images, resamples, seed):
        scores = value(times)
        rows.append([np.asarray(getattr(scores, name), np.float64) for name in names])
        if progress:
            progress(len(rows), resamples)
    return {name: _interval([row[place] for row in rows]) for place, name in enumerate(names)}


def draws(images: int, resamples: int, seed: int) -> Iterator[np.ndarray]:
    """int64 [images] for each resample: how often each image is in it; the sum is `images`."""
    generator = np.random.default_rng(seed)
    for _ in range(resamples):
        yield np.bincount(generator.integers(0, max(1, images), images), minlength=images)


def _interval(values: list[np.ndarray]) -> np.ndarray:
    """float64 [2, ...] of R arrays of one shape."""
    table = np.array(values)  # [R, ...]
    tails = np.array([(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    columns = table.reshape(len(table), int(np.prod(table.shape[1:]))).T  # [C, R]
    bounds = [np.quantile(known, tails) if len(known) else tails * np.nan for known in map(_known, columns)]
    return np.array(bounds).T.reshape(2, *table.shape[1:])


def interval(values: np.ndarray) -> np.ndarray:
    """float64 [2] that hold LEVEL of the values, float64 [R]; NaN among them are left out."""
    return _interval(list(values))


def _known(values: np.ndarray) -> np.ndarray:
    return values[~np.isnan(values)]
