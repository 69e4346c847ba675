"""Where an export may write: where nothing is, or over a model that dlcli wrote, which its card shows."""

import os
from pathlib import Path

from dlcli.card import ModelCard, read_card
from dlcli.errors import DataError, UsageError
from dlcli.export.options import ExportOptions
from dlcli.models.run_folder import BEST, CONFIG, RunFolder
from dlcli.nets.weights import read_weights_card
from dlcli.whole_file import is_replaced

WEIGHTS = ".safetensors"


def paths(options: ExportOptions, run: RunFolder) -> tuple[Path, Path | None]:
    """The .onnx file to write, and the .safetensors beside it if asked for.

    UsageError: flags that do not fit, or a file that stands there and carries no card of dlcli.
    """
    if options.int8 and options.half_weights:
        raise UsageError("--int8 and --half-weights do not go together: eight bits are less than sixteen")
    path = options.out or options.run / ("best-int8.onnx" if options.int8 else "best.onnx")
    if path.suffix != ".onnx":
        raise UsageError(f"--out {path}: expected a name that ends in .onnx")
    weights = path.with_suffix(WEIGHTS) if options.weights else None
    if weights and weights.resolve() == run.weights.resolve():
        raise UsageError(f"--weights: {weights} are the run's own, in full; give another name by --out")
    if weights and _of_a_run(weights.resolve()):
        raise UsageError(f"--weights: {weights} are another run's own, in full; give another name by --out")
    _refuse_other_file("--out", path)
    if weights:
        _refuse_other_file("--weights", weights)
    return path, weights


def _of_a_run(path: Path) -> bool:
    return path.name == BEST and path.is_file() and (path.parent / CONFIG).is_file()


def _refuse_other_file(option: str, path: Path) -> None:
    """UsageError: something stands there that dlcli did not write, or a link that leads nowhere."""
    if not is_replaced(path):
        return
    if not os.path.exists(path):
        raise UsageError(f"{option}: {path} is a link to nothing; remove it, or name another file by --out")
    try:
        ours = path.is_file() and _card(path) is not None
    except DataError:
        ours = False
    if not ours:
        raise UsageError(
            f"{option}: {path} is there already, and carries no card of dlcli; name another file by --out, or move it "
            "away"
        )


def _card(path: Path) -> ModelCard | None:
    return read_weights_card(path) if path.suffix == WEIGHTS else read_card(path)
