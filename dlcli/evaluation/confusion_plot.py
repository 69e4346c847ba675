"""A confusion matrix as an image; needs matplotlib, the [plot] extra."""

import textwrap
from collections.abc import Sequence
from io import BytesIO

import numpy as np

from dlcli.distribution import install_command
from dlcli.errors import MissingError
from dlcli.evaluation.plot_text import drawable, fonts_for

WRITTEN_UP_TO = 30  # classes; with more the cells are too small for numbers
DARK = 0.55  # share from which a cell's number is white
LETTERS = 12  # of the note below, an inch


def need_matplotlib(what: str) -> None:
    """MissingError where the [plot] extra is not there; call it before work that would be lost."""
    from importlib.util import find_spec

    if find_spec("matplotlib") is None:
        raise MissingError(f"{what} needs matplotlib, not installed here; run: {install_command('plot')}")


def draw_confusion(
    confusion: np.ndarray, labels: Sequence[str], title: str, counted: str = "pixels", note: str = ""
) -> bytes:
    """PNG of int [C, C], rows the truth, columns the prediction: each row in percent of its sum.

    counted: what the matrix counts, for the title of the color bar. note: what else is to be known, below. A row
    without anything stays white.
    """
    need_matplotlib("a confusion matrix as an image")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    sums = confusion.sum(1, keepdims=True)
    shares = np.divide(confusion, sums, out=np.zeros(confusion.shape), where=sums > 0)
    count, names = len(labels), drawable(labels)
    side = min(40.0, max(5.0, 1.8 + 0.42 * count))
    with fonts_for([*names, title]):
        figure = Figure(figsize=(side + 1.2, side), dpi=100, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        image = axes.imshow(100 * shares, cmap="Blues", vmin=0, vmax=100)
        small = 9 if count <= WRITTEN_UP_TO else max(3, 9 * WRITTEN_UP_TO / count)
        axes.set_xticks(range(count), names, rotation=90, fontsize=small)
        axes.set_yticks(range(count), names, fontsize=small)
        below = textwrap.fill(note, int(side * LETTERS))
        axes.set(xlabel=f"predicted\n\n{below}" if note else "predicted", ylabel="true")
        axes.set_title(title, fontsize=11)
        if count <= WRITTEN_UP_TO:
            for row, column in zip(*np.nonzero(shares >= 0.005), strict=True):
                color = "white" if shares[row, column] > DARK else "black"
                axes.text(
                    column, row, f"{100 * shares[row, column]:.0f}", ha="center", va="center", color=color, size=8
                )
        figure.colorbar(image, ax=axes, shrink=0.8, label=f"% of the true class's {counted}")
        buffer = BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
