"""`python -m dlcli.cli.reference docs`: writes reference.md and dlcli.1 there, and dlcli/__init__.pyi beside it."""

import sys
from pathlib import Path

import typer

from dlcli.cli.app import build_app
from dlcli.cli.reference.manual import manual_page
from dlcli.cli.reference.page import reference_page
from dlcli.cli.spec import read_tree
from dlcli.console import Console
from dlcli.whole_file import write_text


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit("usage: python -m dlcli.cli.reference FOLDER")
    from dlcli.api.stub import stub

    tree = read_tree(typer.main.get_command(build_app()))
    folder = Path(sys.argv[1])
    pages = {"reference.md": reference_page(tree), "dlcli.1": manual_page(tree), "../dlcli/__init__.pyi": stub()}
    for name, text in pages.items():
        write_text(folder / name, text)
        Console().say(f"{folder / name}: written")


if __name__ == "__main__":
    main()
