"""Commands that are not image tasks, one file each."""

import typer

from dlcli.cli.commands import (
    completion,
    config,
    convert,
    diff,
    doctor,
    eval,
    export,
    help,
    hook,
    merge,
    models,
    schema,
    train,
)


def add_commands(app: typer.Typer) -> None:
    """Add every command below this folder."""
    for module in (
        train,
        eval,
        export,
        merge,
        models,
        schema,
        diff,
        convert,
        doctor,
        config,
        completion,
        help,
        hook,
    ):
        module.add_to(app)
