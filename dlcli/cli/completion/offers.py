"""What a shell may offer at a place of the command line; the three writers beside this file put it in their words."""

from collections.abc import Iterator
from enum import StrEnum

from dlcli.cli.spec import Command, Parameter

HELP = ("--help", "-h")
HELP_TEXT = "Show this message and exit."
FILE_WORDS = ("FILE", "FOLDER", "STYLE", "SOURCE")  # in metavars
FILE_KEYS = ("model", "file", "files", "folders", "from", "data", "name")


class Offer(StrEnum):
    """A value's kind, for a shell. WORDS: one of the parameter's choices. NOTHING: numbers and free text."""

    WORDS = "words"
    FILES = "files"
    FOLDERS = "folders"
    NOTHING = "nothing"


def offer(parameter: Parameter) -> Offer:
    """What can be offered as the value of an option or argument that takes one."""
    if parameter.choices:
        return Offer.WORDS
    if parameter.metavar in ("DIR", "FOLDER"):
        return Offer.FOLDERS
    named = any(word in parameter.metavar for word in FILE_WORDS) or parameter.key in FILE_KEYS
    return Offer.FILES if parameter.kind == "path" or (parameter.kind == "text" and named) else Offer.NOTHING


def valued(command: Command) -> list[Parameter]:
    """The options that take a value."""
    return [option for option in command.options if option.kind != "flag"]


def option_names(command: Command) -> list[str]:
    """Every name of every option, that of help last."""
    return [*(name for option in command.options for name in (*option.names, *declared_off(option))), *HELP]


def declared_off(option: Parameter) -> tuple[str, ...]:
    """What turns a flag off that is on by itself; others need no --no-X at a Tab."""
    return option.negations if option.default is True else ()


def path_word(command: Command) -> str:
    """ "train/detect", "" for dlcli itself."""
    return "/".join(command.path)


def short(text: str) -> str:
    """The first sentence, within 70 characters."""
    first = text.split("\n")[0].split(". ")[0].rstrip(".")
    return first if len(first) <= 70 else first[:69].rsplit(" ", 1)[0] + " …"


def quote(text: str) -> str:
    """For sh: 'it'\\''s'."""
    return "'" + text.replace("'", "'\\''") + "'"


def places(tree: Command) -> Iterator[str]:
    """For bash and zsh: cases that say at which command the words before the cursor are, and the end of their loop."""
    for command in tree.all_commands():
        if command.path:
            yield f"            /{path_word(command)}) at=/{path_word(command)} ;;"
    yield "        esac"
    yield "    done"


def pattern(command: Command, word: str) -> str:
    """For bash and zsh: a command and the word at it, quoted for a case."""
    return quote(f"{'/' if command.path else ''}{path_word(command)} {word}")
