"""The curve of a learning-rate range test: the loss over a rate that rises, and the rate that it proposes."""

import math

import numpy as np

from dlcli.frozen import dataclass

LOWEST, HIGHEST = 1e-7, 10.0  # learning rates, in equal steps of their logarithm
STEPS = 100
LATEST = 5  # steps whose mean tells whether the loss is too high
TOO_HIGH = 4.0  # times the lowest such mean, beyond which nothing more is to be seen
FEWEST = 10  # steps that a curve needs
AROUND = 5  # steps on either side that the loss is averaged, and its slope taken, over


@dataclass(frozen=True)
class RangeCurve:
    """rates, losses: one a step."""

    rates: tuple[float, ...] = ()
    losses: tuple[float, ...] = ()

    def and_then(self, rate: float, loss: float) -> "RangeCurve":
        """With one step more."""
        return RangeCurve((*self.rates, rate), (*self.losses, loss))

    @property
    def is_over(self) -> bool:
        """Whether the loss is far above its lowest, or no number."""
        if len(self.losses) < LATEST:
            return not all(map(math.isfinite, self.losses))
        means = np.convolve(self.losses, np.full(LATEST, 1 / LATEST), "valid")
        return not means[-1] <= TOO_HIGH * means.min()

    @property
    def smooth(self) -> np.ndarray:
        """Float64 [N]: the mean of the losses around each step, so that it lags behind no rate."""
        rows = range(len(self.losses))
        return np.array([np.mean(self.losses[max(0, row - AROUND) : row + AROUND + 1]) for row in rows])


def rates(steps: int = STEPS) -> list[float]:
    """From LOWEST to HIGHEST, each by the same factor above the last."""
    return [float(rate) for rate in np.geomspace(LOWEST, HIGHEST, steps)]


def proposal(curve: RangeCurve) -> float | None:
    """The rate at which the loss falls fastest over the rate's logarithm, before its lowest point; two digits.

    None: it never falls, or there are too few steps to tell.
    """
    if len(curve.rates) < FEWEST:
        return None
    losses, logs = np.array(curve.losses), np.log(np.array(curve.rates))
    slopes = [_slope(logs, losses, row) for row in range(int(np.argmin(curve.smooth)) + 1)]
    best = int(np.argmin(slopes))
    return float(f"{curve.rates[best]:.1e}") if slopes[best] < 0 and best else None


def _slope(x: np.ndarray, y: np.ndarray, row: int) -> float:
    """Of the least-squares line through the points around a row."""
    around = slice(max(0, row - AROUND), row + AROUND + 1)
    return float(np.polyfit(x[around], y[around], 1)[0])
