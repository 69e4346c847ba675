"""`--schedule`: the share of the peak learning rate at each step, a pure function of the step and the metrics so far.

So a run that goes on has nothing to restore here.
"""

import math
from collections.abc import Sequence

from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.training.optimization.names import ScheduleName

FLOOR = 0.01  # where a cosine ends


@dataclass(frozen=True)
class RateCurve:
    """shape: of the curve after the warm-up.

    cycles: of warm-restarts. drops: of step, fractions of the run after its warm-up. factor: of step and plateau, what
    the rate is multiplied by. wait: of plateau, validations without a better metric that are borne.
    """

    shape: ScheduleName = ScheduleName.COSINE
    cycles: int = 3
    drops: tuple[float, ...] = (0.6, 0.85)
    factor: float = 0.1
    wait: int = 3

    def share(self, step: int, steps: int, warmup: int, metrics: Sequence[float] = ()) -> float:
        """Of the peak rate at step 0 ... steps - 1: a straight rise over `warmup` steps, then the curve from 1.

        metrics: of the validations so far, larger is better.
        """
        if step < warmup:
            return (step + 1) / warmup
        at, length = step - warmup, max(1, steps - warmup)
        if self.shape is ScheduleName.COSINE:
            return cosine(min(1.0, at / length))
        if self.shape is ScheduleName.WARM_RESTARTS:
            return warm_restarts(at, length, self.cycles)
        if self.shape is ScheduleName.STEP:
            return self.factor ** sum(at >= drop * length for drop in self.drops)
        return plateau(metrics, self.wait, self.factor) if self.shape is ScheduleName.PLATEAU else 1.0


def cosine(done: float) -> float:
    """Half a cosine from 1 to FLOOR, done in [0, 1] (arXiv:1608.03983, eq. 5)."""
    return FLOOR + (1 - FLOOR) * 0.5 * (1 + math.cos(math.pi * done))


def warm_restarts(at: int, length: int, cycles: int) -> float:
    """SGDR (arXiv:1608.03983): a cosine that begins again, each cycle twice as long as the one before (T_mult = 2).

    at: steps done of `length`. The first cycle takes 1 / (2^cycles - 1) of it; beyond the end the last one ends.
    """
    place = at * (2**cycles - 1) / length  # in lengths of the first cycle
    cycle = min(cycles - 1, int(math.log2(place + 1)))
    return cosine(min(1.0, (place + 1) / 2**cycle - 1))


def plateau(metrics: Sequence[float], wait: int, factor: float) -> float:
    """`factor` to the power of how often more than `wait` metrics in a row were no better than the best one before.

    As torch.optim.lr_scheduler.ReduceLROnPlateau with mode "max" and threshold 0.
    """
    best, worse, share = -math.inf, 0, 1.0
    for metric in metrics:
        best, worse = (metric, 0) if metric > best else (best, worse + 1)
        if worse > wait:
            share, worse = share * factor, 0
    return share


def parse_drops(text: str) -> tuple[float, ...]:
    """ "0.6,0.85" -> numbers. UsageError: not fractions of a run that rise."""
    try:
        drops = tuple(float(word) for word in text.split(","))
    except ValueError:
        drops = ()
    if not drops or not all(0 < drop < 1 for drop in drops) or list(drops) != sorted(set(drops)):
        raise UsageError(f"--lr-steps {text}: expected fractions of the run that rise, such as 0.6,0.85")
    return drops
