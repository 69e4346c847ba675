"""Commands that are not image tasks, one file each."""

from importlib import import_module

import typer

# By the titles under which `dlcli --help` lists them, below the image commands.
SECTIONS = {
    "Training": ("train", "eval", "export", "models"),
    "Records": ("merge", "diff", "schema"),
    "Data sets": ("convert", "data", "doctor"),
    "Program": ("config", "completion", "help", "hook"),
}
COMMANDS = tuple(name for names in SECTIONS.values() for name in names)
ALONE = tuple(name for name in COMMANDS if name not in SECTIONS["Program"])  # they can be loaded without the others


def add_commands(app: typer.Typer, only: str = "") -> None:
    """Add every command below this folder. only: the one of this name, if there is one; "": all."""
    for name in COMMANDS:
        if only in ("", name):
            import_module(f"{__name__}.{name}").add_to(app)
