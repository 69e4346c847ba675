"""`dlcli eval --plots`: what is drawn of an evaluation, by the kind of its targets."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from dlcli.data.kinds import CLASSES, MASKS
from dlcli.evaluation import class_plots, mask_plots
from dlcli.evaluation.evaluate import Evaluation

PLOTS: dict[str, Callable[[Evaluation[Any], Path], list[Path]]] = {
    CLASSES.name: class_plots.write_plots,
    MASKS.name: mask_plots.write_plots,
}


def write_plots(done: Evaluation[Any], folder: Path) -> list[Path]:
    """The files written in the folder, which is made; [] for a kind that has no plots. MissingError: no matplotlib."""
    draw = PLOTS.get(done.kind.name)
    return draw(done, folder) if draw else []
