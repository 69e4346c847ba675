"""`dlcli help [COMMAND]`: what `dlcli COMMAND --help` prints."""

from typing import Annotated, Any

import typer

from dlcli.console import Console
from dlcli.errors import UsageError


def add_to(app: typer.Typer) -> None:
    app.command("help", help="Show the help of a command.")(show_help)


def show_help(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None, typer.Argument(metavar="COMMAND", help="Such as detect, or train detect.")
    ] = None,
) -> None:
    """UsageError: no such command."""
    root: Any = ctx.find_root()
    command, context = root.command, root
    for word in words or []:
        below = getattr(command, "commands", {}).get(word)
        if below is None:
            from dlcli.cli.refusals import unknown_command

            raise UsageError(unknown_command(word, list(getattr(command, "commands", {})), context.command_path))
        command, context = below, type(ctx)(below, info_name=word, parent=context)
    for line in command.get_help(context).splitlines():
        Console().line(line)
