"""`dlcli completion SHELL`: a script that completes commands, options and their values."""

from enum import StrEnum
from typing import Annotated

import typer

from dlcli.cli.settings.command import Unconfigured
from dlcli.console import Console

HELP = (
    "Print a completion script for a shell.\n\n"
    "bash: source <(dlcli completion bash); zsh: source <(dlcli completion zsh), behind "
    "compinit; fish: dlcli completion fish | source. Print it again after an upgrade."
)


class Shell(StrEnum):
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def add_to(app: typer.Typer) -> None:
    app.command("completion", cls=Unconfigured, help=HELP)(completion)


def completion(ctx: typer.Context, shell: Annotated[Shell, typer.Argument(help="The shell to complete in.")]) -> None:
    from dlcli.cli.completion.bash import bash_script
    from dlcli.cli.completion.fish import fish_script
    from dlcli.cli.completion.zsh import zsh_script
    from dlcli.cli.spec import read_tree

    script = {Shell.BASH: bash_script, Shell.ZSH: zsh_script, Shell.FISH: fish_script}[shell]
    Console().script(script(read_tree(ctx.find_root().command, named=True)).rstrip("\n"))
