"""docs/dlcli.1: the same as a manual page, in roff with the man macros."""

from collections.abc import Iterator

from dlcli import __version__
from dlcli.cli.help import details, groups, usage
from dlcli.cli.reference.words import EXIT_CODES, SETTINGS
from dlcli.cli.spec import Command, Parameter


def manual_page(tree: Command) -> str:
    return "\n".join(_lines(tree)) + "\n"


def _lines(tree: Command) -> Iterator[str]:
    yield f'.TH DLCLI 1 "" "dlcli {__version__}" "User Commands"'
    yield ".SH NAME"
    yield f"dlcli \\- {roff(tree.help.rstrip('.'))}"
    yield ".SH SYNOPSIS"
    yield f".B {roff(usage(tree))}"
    yield ".SH OPTIONS"
    yield from _parameters(tree.options)
    yield ".SH COMMANDS"
    for command in tree.all_commands():
        if command.path and not command.commands:
            yield from _command(command)
    yield ".SH SETTINGS"
    for text in SETTINGS:
        yield ".PP"
        yield roff(text)
    yield ".SH EXIT STATUS"
    for code, text in EXIT_CODES.items():
        yield from (".TP", f".B {int(code)}", roff(text))


def _command(command: Command) -> Iterator[str]:
    yield f".SS {roff(usage(command))}"
    for paragraph in command.help.split("\n\n"):
        yield roff(" ".join(paragraph.split()))
        yield ".PP"
    yield from _parameters(command.arguments)
    for panel, options in groups(command).items():
        if panel != "Options" or len(groups(command)) > 1:
            yield ".PP"
            yield f".I {roff(panel)}"
        yield from _parameters(tuple(options))


def _parameters(parameters: tuple[Parameter, ...]) -> Iterator[str]:
    for item in parameters:
        names = ", ".join(item.names) or item.metavar or item.name.upper()
        value = f" {item.shown}" if item.shown and not item.argument else ""
        extra = details(item)
        yield ".TP"
        yield f".B {roff(names + value)}"
        yield roff(f"{item.help} [{extra}]" if extra else item.help)


def roff(text: str) -> str:
    """A line of text that roff shows as it is: no escape, no request at its start, dashes that can be copied."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace('"', "\\(dq").replace("'", "\\(aq")
    text = text.replace("~", "\\(ti").replace("^", "\\(ha").replace("`", "\\(ga")
    return f"\\&{text}" if text.startswith(".") else text
