"""A small chart for each loss and metric of a run over its epochs, as the numbers that the page's SVG is made of."""

from collections.abc import Callable, Mapping, Sequence
from math import floor, isfinite, log10

from dlcli.frozen import dataclass

WIDTH, HEIGHT = 320, 190
LEFT, RIGHT, TOP, BOTTOM = 46, 310, 12, 164  # of the plot
MOST_DOTS = 60  # beyond which the line alone is drawn
TICKS = 4  # about so many steps on an axis
Row = Mapping[str, float]


@dataclass(frozen=True)
class Mark:
    """A point in units of the stage, and its words."""

    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Chart:
    """name: of the measure. line: points "x,y x,y". dots: with what they say under the pointer.

    across, down: the ticks of both axes. best: where the best epoch lies; None: it is not on this chart.
    last, low, high: values as text, of the last epoch that has one, and the ends of all.
    """

    name: str
    line: str
    dots: tuple[Mark, ...]
    across: tuple[Mark, ...]
    down: tuple[Mark, ...]
    best: Mark | None
    last: str
    low: str
    high: str


def charts_of(rows: Sequence[Row], best_epoch: int | None) -> list[Chart]:
    """One for each measure of the rows, in their order; a value that is no number is left out."""
    names = dict.fromkeys(name for row in rows for name in row if name != "epoch")
    return list(filter(None, (_chart(name, rows, best_epoch) for name in names)))


def ticks(low: float, high: float, whole: bool = False) -> list[float]:
    """Round numbers from `low` to `high`, steps of 1, 2 or 5 times a power of ten; whole: of 1 and more."""
    span = max(high - low, 1e-12)
    power = 10.0 ** floor(log10(span / TICKS))
    step = next(power * times for times in (1, 2, 5, 10) if span / (power * times) <= TICKS)
    step = max(1.0, step) if whole else step
    first = -floor(-low / step + 1e-9)  # rounded up
    count = floor((high - first * step) / step + 1e-9) + 1
    return [(first + number) * step for number in range(max(0, count))]


def _chart(name: str, rows: Sequence[Row], best_epoch: int | None) -> Chart | None:
    points = [(row["epoch"], row[name]) for row in rows if "epoch" in row and isfinite(row.get(name, float("nan")))]
    if not points:
        return None
    values = [value for _, value in points]
    x_of, y_of = _scale(1, max(points[-1][0], 2), LEFT, RIGHT), _scale(*_range(values), BOTTOM, TOP)
    dots = [Mark(x_of(epoch), y_of(value), f"epoch {epoch:.0f}: {value:.4g}") for epoch, value in points]
    best = next((dot for dot, (epoch, _) in zip(dots, points, strict=True) if epoch == best_epoch), None)
    return Chart(
        name,
        " ".join(f"{dot.x:.1f},{dot.y:.1f}" for dot in dots),
        tuple(dots) if len(dots) <= MOST_DOTS else (),
        tuple(Mark(x_of(tick), BOTTOM, f"{tick:.0f}") for tick in ticks(1, max(points[-1][0], 2), whole=True)),
        tuple(Mark(LEFT, y_of(tick), f"{tick:.4g}") for tick in ticks(*_range(values))),
        best,
        *(f"{value:.4g}" for value in (values[-1], min(values), max(values))),
    )


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Of the axis: the values' own, with a little room; of equal ones a band around them."""
    low, high = min(values), max(values)
    room = (high - low) * 0.06 or abs(high) * 0.1 or 0.1
    return low - room, high + room


def _scale(low: float, high: float, first: float, last: float) -> Callable[[float], float]:
    return lambda value: first + (value - low) / (high - low) * (last - first)
