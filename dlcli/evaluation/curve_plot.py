"""Precision over recall as an image; needs matplotlib, the [plot] extra."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np

from dlcli.evaluation.confusion_plot import need_matplotlib
from dlcli.evaluation.plot_text import drawable, fonts_for
from dlcli.frozen import dataclass

NAMED = 12  # curves with a name of their own; with more classes the weakest


@dataclass(frozen=True)
class Curve:
    """One class. ap: average precision in [0, 1]. precision, recall: float64 [N] in [0, 1], in the order of scores."""

    label: str
    ap: float
    precision: np.ndarray
    recall: np.ndarray


def draw_curves(curves: Sequence[Curve], title: str) -> bytes:
    """PNG: every class, the weakest first; NAMED of them have a name and a color of their own."""
    need_matplotlib("a plot of curves")
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    ordered = sorted(curves, key=lambda curve: curve.ap)
    names = drawable([curve.label for curve in ordered])
    with fonts_for([*names, title]):
        figure = Figure(figsize=(8, 6), dpi=100, layout="constrained")
        FigureCanvasAgg(figure)
        axes = figure.add_subplot()
        for rank, (name, curve) in enumerate(zip(names, ordered, strict=True)):
            recall, precision = np.append(0.0, curve.recall), np.append(curve.precision[:1], curve.precision)
            recall = recall[: len(precision)] if len(curve.precision) else recall[:0]
            if rank < NAMED:
                label = f"{name} {curve.ap:.3f}"
                axes.plot(recall, precision, label=label, color=f"C{rank % 10}", zorder=3, linewidth=1.6)
            else:
                axes.plot(recall, precision, color="0.75", zorder=2, linewidth=0.8)
        more = f", the weakest {NAMED} of {len(ordered)}" if len(ordered) > NAMED else ""
        if ordered:
            axes.legend(title=f"average precision{more}", loc="lower left", fontsize=8, title_fontsize=8)
        axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.005), ylim=(0, 1.01))
        axes.set_title(title, fontsize=11)
        axes.grid(alpha=0.3)
        buffer = BytesIO()
        figure.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
