"""What trainings on labeled sets have in common: what they say, and what they write after each epoch."""

from collections.abc import Callable
from typing import Any

from torch import nn

from dlcli.data.classes import similar_labels
from dlcli.data.dataset import Dataset
from dlcli.messages import listed
from dlcli.models.run_folder import BEST
from dlcli.training.epoch_table import EpochTable
from dlcli.training.log import TrainLog, draw_curves, write_history
from dlcli.training.options import TrainingOptions
from dlcli.training.plan import EpochEnd, Hook
from dlcli.training.runs.report.contents import NAME as PAGE

NAMED = 30  # classes in the first line
Panels = dict[str, tuple[str, ...]]  # title -> the losses or metrics whose curves it shows


def opening(train_set: Dataset[Any], val_set: Dataset[Any], net: nn.Module) -> str:
    """How much there is to learn from, what its classes are, and how large what learns is."""
    alike = "; ".join(map(" and ".join, similar_labels(train_set.labels)))
    warned = f"\nclasses that differ by case, spaces or marks alone: {alike}" if alike else ""
    return (
        f"{len(train_set.items)} images to learn from, {len(val_set.items)} to choose by, "
        f"{len(train_set.labels)} classes; {sum(p.numel() for p in net.parameters()) / 1e6:.2f} M parameters; "
        f"classes: {listed(train_set.labels, NAMED)}{warned}"
    )


def last_line(options: TrainingOptions, best_by: str) -> Callable[[float], str]:
    """Where the best weights are, and what to do with them."""

    def said(best: float) -> str:
        where = f"{options.out / BEST}: best {best_by} on {options.val_split} {best:.4f}"
        return f"{where}; all on one page: {options.out / PAGE}; next: dlcli export {options.out}"

    return said


def evenly(count: int, most: int) -> list[int]:
    """At most `most` of the rows 0 to count - 1, the first and the last among them: of images to show."""
    return [round(row * (count - 1) / max(1, min(most, count) - 1)) for row in range(min(most, count))]


def epoch_hooks(options: TrainingOptions, log: TrainLog, panels: Panels, best_by: str) -> tuple[Hook, ...]:
    """RUN/metrics.csv, RUN/curves.png and a line in the log."""

    def write(end: EpochEnd) -> None:
        write_history(options.out, end.history)
        draw_curves(options.out / "curves.png", end.history, panels, best_by)

    table = EpochTable(options.epochs)

    def say(end: EpochEnd) -> None:
        for line in table.lines(end.row, end.speed, end.left, end.best and bool(best_by)):
            log.say(line)

    return write, say
