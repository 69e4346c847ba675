"""What a run says while it learns: progress bars, metrics.csv and the curves as an image."""

import csv
import io
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from dlcli.console import printable
from dlcli.progress import Progress, rich_progress
from dlcli.signals import unbroken
from dlcli.training.optimization.stopping import best_epoch
from dlcli.units import duration
from dlcli.whole_file import write_whole

History = Sequence[dict[str, float]]


class TrainLog:
    """Progress bars on a terminal, and lines; nothing with quiet."""

    def __init__(self, console: Console, quiet: bool):
        self.console, self.quiet = console, quiet
        self.started = time.monotonic()

    def say(self, text: str) -> None:
        if not self.quiet:
            lines = "\n".join(map(printable, text.split("\n")))
            with unbroken():
                self.console.print(lines, highlight=False, markup=False, soft_wrap=True)

    @contextmanager
    def bar(self, title: str, total: int | None = None, done: int = 0) -> Iterator[Progress]:
        """A bar that steps; invisible where there is no terminal. total: None: known later."""
        if self.quiet or not self.console.is_terminal:
            yield Progress()
            return
        with rich_progress(self.console, title, total, done) as bar:
            yield bar

    def took(self) -> str:
        """How long it has been, in words."""
        return duration(time.monotonic() - self.started)


def write_history(run: Path, history: History) -> None:
    """RUN/metrics.csv, a row an epoch; a measure that an epoch lacks is left empty."""
    names = list(dict.fromkeys(name for row in history for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(history)
    write_whole(run / "metrics.csv", text.getvalue().encode())


def draw_curves(path: Path, history: History, panels: dict[str, tuple[str, ...]], best_by: str = "") -> None:
    """A panel each for the named measures against the epoch, as PNG; the epoch that is best by `best_by` is marked."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import MaxNLocator

    best = best_epoch(history, best_by)

    figure = Figure(figsize=(5 * len(panels), 3.6), layout="constrained")
    axes = figure.subplots(1, len(panels), squeeze=False)[0]
    for axis, (title, names) in zip(axes, panels.items(), strict=True):
        for name in names:
            points = [(row["epoch"], row[name]) for row in history if name in row]
            if points:
                axis.plot(*zip(*points, strict=True), label=name, marker="o", markersize=3)
        if best is not None:
            axis.axvline(best, color="0.6", linewidth=1, linestyle="--", zorder=1, label=f"best: epoch {best:.0f}")
        axis.set(title=title, xlabel="epoch")
        axis.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axis.grid(alpha=0.3)
        if axis.lines:
            axis.legend()
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=110)
    write_whole(path, buffer.getvalue())
