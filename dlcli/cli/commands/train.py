"""`dlcli train ...`: a thin way to the recipes."""

import typer

from dlcli.cli.build import add_command
from dlcli.errors import MissingError
from dlcli.training.options import DetectTraining

INSTALL = "pip install 'dlcli[train]'"


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(group, name="train", help="Train a network on your own pictures; needs dlcli[train].")
    add_command(
        group, "detect", "Train a detector on a data set in VOC, COCO or YOLO layout.", (DetectTraining,), _detect
    )


def _detect(options: DetectTraining) -> None:
    need_train_extra("dlcli train detect")
    from dlcli.console import rich_stderr
    from dlcli.training.recipes.detect import train_detect

    train_detect(options, rich_stderr())


def need_train_extra(command: str) -> None:
    """MissingError, with the command that installs it, where the [train] extra is not there."""
    from importlib.util import find_spec

    missing = [
        name for name in ("torch", "torchvision", "albumentations", "onnx", "safetensors") if find_spec(name) is None
    ]
    if missing:
        raise MissingError(f"{command} needs {', '.join(missing)}, not installed here; run: {INSTALL}")
