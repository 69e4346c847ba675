"""Commands that are not image tasks, one file each."""

from importlib import import_module

import typer

# By the titles under which `dlcli --help` lists them, below the image commands, each with the first line of its help:
# listing them loads none of them.
SECTIONS = {
    "Training": {
        "train": "Train a network on your own images.",
        "runs": "List and compare trainings by their folders.",
        "eval": "Score a model on a labeled set.",
        "export": "Write a trained network as one .onnx file.",
        "generate": "Make images with a generator.",
        "models": "List, check, import and pull models.",
    },
    "Records": {
        "merge": "Join files of records, such as the shards of a run.",
        "diff": "Compare two files of records.",
        "schema": "Print the JSON Schema of a task's records.",
    },
    "Data sets": {
        "convert": "Convert annotations from one format to another.",
        "data": "Split a labeled set.",
        "doctor": "Check this installation, or a data set.",
    },
    "Program": {
        "config": "Show where the value of each option comes from.",
        "completion": "Print a completion script for a shell.",
        "help": "Show the help of a command.",
        "hook": "Run a command whose last words are file names.",
    },
}
COMMANDS = tuple(name for below in SECTIONS.values() for name in below)
ALONE = tuple(name for name in COMMANDS if name not in SECTIONS["Program"])  # they can be loaded without the others


def add_commands(app: typer.Typer, only: str = "") -> None:
    """Add every command below this folder. only: the one of this name, if there is one; "": all."""
    for name in COMMANDS:
        if only in ("", name):
            import_module(f"{__name__}.{name}").add_to(app)


def list_commands(app: typer.Typer) -> None:
    """Add their names and first lines alone, for a page that lists them."""
    for below in SECTIONS.values():
        for name, line in below.items():
            app.command(name, help=line)(_listed)


def _listed() -> None:
    """No command: nothing runs it."""
