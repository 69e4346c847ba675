"""The way of the three losses as a PNG, by matplotlib."""

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO

from dlcli.distribution import install_command
from dlcli.errors import MissingError


def check_plot() -> None:
    """MissingError, before any work, without matplotlib."""
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        raise MissingError(f"--plot needs matplotlib, which is not installed; run: {install_command('plot')}")


def draw_losses(losses: Mapping[str, Sequence[float]], starts: Sequence[int]) -> bytes:
    """A PNG of 900 x 500 pixels: the values of each loss by its name, before its weight, on a logarithmic scale.

    The scale leaves out the few smallest values, as those of the first step, where nothing has changed yet: they would
    take most of it.
    starts: steps where a size begins. Equal losses give equal bytes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for name, values in losses.items():
        shown = [value if value > 0 else float("nan") for value in values]
        axes.semilogy(range(1, len(values) + 1), shown, label=name)
    axes.set_ylim(bottom=lowest_shown(losses.values()))
    for start in starts[1:]:
        axes.axvline(start + 0.5, color="0.7", linewidth=1)
    axes.set_xlabel("step; the lines are where the next larger size begins")
    axes.set_ylabel("loss")
    axes.legend()
    stream = BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def lowest_shown(losses: Iterable[Sequence[float]]) -> float | None:
    """Half the smallest positive value after the first tenth of the steps; None: there is none."""
    later = [value for values in losses for value in values[-(-len(values) // 10) :] if value > 0]
    return min(later) / 2 if later else None
