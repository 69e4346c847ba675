"""`dlcli eval --plots`: what is drawn of an evaluation, by the kind of its targets."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dlcli.data.kinds import BOXES, CLASSES, MASKS
from dlcli.evaluation import box_plots, class_plots, mask_plots
from dlcli.evaluation.evaluate import Evaluation
from dlcli.evaluation.plot_file import refuse_other_files

PLOTS: dict[str, Callable[[Evaluation[Any], Path], list[Path]]] = {
    BOXES.name: box_plots.write_plots,
    CLASSES.name: class_plots.write_plots,
    MASKS.name: mask_plots.write_plots,
}
NAMES = {BOXES.name: box_plots.NAMES, CLASSES.name: class_plots.NAMES, MASKS.name: mask_plots.NAMES}


def check_plots(kind: str, folder: Path) -> None:
    """UsageError: in the folder a plot of this kind of targets would go over what is no plot of ours, or a link."""
    refuse_other_files(folder, NAMES.get(kind, ()))


def write_plots(done: Evaluation[Any], folder: Path) -> list[Path]:
    """The files written in the folder, which is made; [] for a kind that has no plots. MissingError: no matplotlib."""
    draw = PLOTS.get(done.kind.name)
    return draw(done, folder) if draw else []
