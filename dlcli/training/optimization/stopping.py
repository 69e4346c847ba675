"""`--patience`: early stopping, a pure function of the history: a run that goes on stops where it would have."""

import math
from collections.abc import Mapping, Sequence

SMALLER_IS_BETTER = frozenset({"frechet"})  # names of metrics; of all others the larger is better


def goodness(name: str, value: float) -> float:
    """A metric as a number of which the larger is better."""
    return -value if name in SMALLER_IS_BETTER else value


def is_better(value: float, best: float, name: str = "") -> bool:
    """Whether the metric called `name` beats the best so far; any number beats none (NaN)."""
    return goodness(name, value) > goodness(name, best) or (math.isnan(best) and not math.isnan(value))


def best_epoch(history: Sequence[Mapping[str, float]], name: str) -> float | None:
    """The first epoch with the best value of a metric; None where no epoch has it."""
    found: Mapping[str, float] | None = None
    for row in history:
        if name in row and (found is None or is_better(row[name], found[name], name)):
            found = row
    return None if found is None else found["epoch"]


def is_over(history: Sequence[Mapping[str, float]], name: str, patience: int) -> bool:
    """Whether the last `patience` epochs or more brought no better metric. patience 0: never.

    history: a row an epoch, with "epoch" and, where it was validated, the metric. Only a validated epoch ends a run.
    """
    best = best_epoch(history, name)
    return bool(patience) and best is not None and name in history[-1] and history[-1]["epoch"] - best >= patience
