"""`dlcli hook COMMAND ...`: a command whose last words are names of files, whatever these look like.

Programs such as pre-commit put the names of committed files behind the words that a user chose, so that a file called
`--exit-zero` or `--out=/x.jpg` would be an option.
"""

import os
from typing import Annotated

import typer

from dlcli.cli.settings.command import Unconfigured
from dlcli.errors import UsageError

END = "--"  # of options
SETTINGS = "--settings"
HELP = (
    "Run a command whose last words are file names.\n\n"
    "For hooks, which put names of files behind the words of COMMAND: an image or video whose name begins with a dash "
    "is a file, and never an option. Settings files and DLCLI_* variables are read only where one of the words "
    "is --settings."
)


def add_to(app: typer.Typer) -> None:
    own = {"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": ["-h", "--help"]}
    app.command("hook", cls=Unconfigured, help=HELP, context_settings=own)(hook)


def hook(
    ctx: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(metavar="COMMAND", help="A command and its words, such as detect --quiet, then files."),
    ],
) -> None:
    root = ctx.find_root()
    chosen, files = split_words(words)
    settings = SETTINGS in chosen and not root.params.get("no_settings")
    before = [] if settings else ["--no-settings"]
    line = [*before, *(word for word in chosen if word != SETTINGS), END, *files]
    raise typer.Exit(int(root.command.main(line, prog_name="dlcli", standalone_mode=False) or 0))  # type: ignore[attr-defined]


def split_words(words: list[str]) -> tuple[list[str], list[str]]:
    """What stands before `--`, and after it: files that begin with a dash go there.

    UsageError for a word that could be either: it begins with a dash, has no image's or video's ending, and a file
    of this name is there.
    """
    from dlcli.imaging.extensions import looks_like_image, looks_like_video

    end = words.index(END) if END in words else len(words)
    chosen: list[str] = []
    files: list[str] = []
    for word in words[:end]:
        if not word.startswith("-") or not os.path.lexists(word):
            chosen.append(word)
        elif looks_like_image(word) or looks_like_video(word):
            files.append(word)
        else:
            raise UsageError(
                f"{word}: an option, or the file of this name? Rename the file, or let the hook's args end with {END}"
            )
    return chosen, files + [os.path.join(".", word) if word == "-" else word for word in words[end + 1 :]]
