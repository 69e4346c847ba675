"""`dlcli train ...`: a thin way to the recipes."""

from collections.abc import Callable, Mapping
from typing import Any

import typer

from dlcli.cli.build import add_command
from dlcli.errors import MissingError
from dlcli.training.registry import Training, all_trainings


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(group, name="train", help="Train a network on your own images.\n\nNeeds the extra [train].")
    for training in all_trainings().values():
        add_command(
            group,
            training.name,
            training.help,
            (training.options,),
            _command(training),
            training.examples,
            layers=_layers,
        )


def _layers(*typed: Any) -> Mapping[str, Any]:
    from dlcli.cli.settings.typed_layers import typed_layers

    return typed_layers(*typed)


def _command(training: Training) -> Callable[[Any], None]:
    def body(options: Any) -> None:
        need_train_extra(f"dlcli train {training.name}")
        from dlcli.console import rich_stderr

        training.run(options, rich_stderr())

    return body


def need_train_extra(command: str) -> None:
    """MissingError, with the command that installs it, where the [train] extra is not there."""
    from importlib.util import find_spec

    from dlcli.distribution import install_command

    missing = [
        name for name in ("torch", "torchvision", "albumentations", "onnx", "safetensors") if find_spec(name) is None
    ]
    if missing:
        raise MissingError(f"{command} needs {', '.join(missing)}, not installed here; run: {install_command('train')}")
