"""The way of the three losses as a PNG, by matplotlib."""

from collections.abc import Mapping, Sequence
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

    starts: steps where a size begins. Equal losses give equal bytes.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    for name, values in losses.items():
        axes.semilogy(range(1, len(values) + 1), [max(value, 1e-9) for value in values], label=name)
    for start in starts[1:]:
        axes.axvline(start + 0.5, color="0.7", linewidth=1)
    axes.set_xlabel("step; the lines are where the next larger size begins")
    axes.set_ylabel("loss")
    axes.legend()
    stream = BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()
