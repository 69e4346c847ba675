"""Commands that are not image tasks, one file each."""

from importlib import import_module

import typer

# In the order of the help. Those ALONE know nothing of the others, and can be loaded without them.
ALONE = ("train", "eval", "export", "merge", "models", "schema", "diff", "convert", "doctor")
COMMANDS = (*ALONE, "config", "completion", "help", "hook")


def add_commands(app: typer.Typer, only: str = "") -> None:
    """Add every command below this folder. only: the one of this name, if there is one; "": all."""
    for name in COMMANDS:
        if only in ("", name):
            import_module(f"{__name__}.{name}").add_to(app)
