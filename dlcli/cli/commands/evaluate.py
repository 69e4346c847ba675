"""`dlcli eval ...`: a command for each eval_*.py beside this file."""

from importlib import import_module
from pathlib import Path

import typer


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    app.add_typer(group, name="eval", help="Score a model on a labelled set.")
    for path in sorted(Path(__file__).parent.glob("eval_*.py")):
        import_module(f"{__package__}.{path.stem}").add_to(group)
