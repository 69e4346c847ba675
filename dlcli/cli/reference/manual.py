"""docs/dlcli.1: the same as a manual page, in roff with the man macros."""

from collections.abc import Iterator, Mapping

from dlcli import __version__
from dlcli.cli.help import details, grouped, usage
from dlcli.cli.reference.shared import also_has, own_options, shared_options
from dlcli.cli.reference.words import ENVIRONMENT, EXIT_CODES, FILES, SEE_ALSO, SETTINGS, SHARED
from dlcli.cli.spec import Command, Parameter
from dlcli.tasks.registry import all_tasks


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
    shared = shared_options(tree)
    yield f".SH {SHARED.upper()}"
    yield from _options(shared)
    yield ".SH COMMANDS"
    for command in tree.all_commands():
        if command.path and not command.commands:
            yield from _command(command, shared)
    yield ".SH SETTINGS"
    for text in SETTINGS:
        yield ".PP"
        yield roff(text)
    yield ".SH EXIT STATUS"
    yield from _terms({str(int(code)): text for code, text in EXIT_CODES.items()})
    yield ".SH FILES"
    yield from _terms(FILES)
    yield ".SH ENVIRONMENT"
    yield from _terms(ENVIRONMENT)
    yield ".SH EXAMPLES"
    for task in all_tasks().values():
        for example in task.examples:
            yield from (".PP", ".nf", f"    {roff(example)}", ".fi")
    yield ".SH SEE ALSO"
    yield roff(SEE_ALSO)


def _terms(meanings: Mapping[str, str]) -> Iterator[str]:
    for name, text in meanings.items():
        yield from (".TP", f".B {roff(name)}", roff(text))


def _command(command: Command, shared: tuple[Parameter, ...]) -> Iterator[str]:
    yield f".SS {roff(usage(command))}"
    for paragraph in command.help.split("\n\n"):
        yield roff(" ".join(paragraph.split()))
        yield ".PP"
    yield from _parameters(command.arguments)
    yield from _options(own_options(command, shared))
    if more := also_has(command, shared, f"{SHARED[0].lower()}{SHARED[1:]} above"):
        yield ".PP"
        yield roff(more)


def _options(options: tuple[Parameter, ...]) -> Iterator[str]:
    panels = grouped(options)
    for panel, found in panels.items():
        if panel != "Options" or len(panels) > 1:
            yield ".PP"
            yield f".I {roff(panel)}"
        yield from _parameters(tuple(found))


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
