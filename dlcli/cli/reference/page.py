"""docs/reference.md: every command and option, as Markdown."""

from collections.abc import Iterator

from dlcli.cli.help import details, grouped, usage
from dlcli.cli.reference.shared import also_has, own_options, shared_options
from dlcli.cli.reference.words import EXIT_CODES, SETTINGS, SHARED
from dlcli.cli.spec import Command, Parameter

HEAD = """\
# dlcli, every command and option

Written by `python -m dlcli.cli.reference docs` from the program itself; a test holds that it is so. `dlcli --help-json`
has the same for programs, `man -l docs/dlcli.1` for a terminal. [Index](index.md)
"""
ANCHOR = SHARED.lower().replace(" ", "-")


def reference_page(tree: Command) -> str:
    shared = shared_options(tree)
    lines = [HEAD, *_contents(tree), "", *_section(tree, "## dlcli", ())]
    lines += [f"## {SHARED}\n", *_options(shared)]
    for command in tree.all_commands():
        if command.path and not command.commands:
            lines += _section(command, f"## {command.name}", shared)
    lines += ["## Settings", "", *(f"{_escape(text)}\n" for text in SETTINGS)]
    lines += ["## Exit codes", "", "| code | meaning |", "|---|---|"]
    lines += [f"| {int(code)} | {_escape(text)} |" for code, text in EXIT_CODES.items()]
    return "\n".join(lines) + "\n"


def _contents(tree: Command) -> Iterator[str]:
    yield "| command | |"
    yield "|---|---|"
    yield f"| [{SHARED}](#{ANCHOR}) | |"
    for command in tree.all_commands():
        if command.path and not command.commands:
            anchor = command.name.replace(" ", "-")
            yield f"| [{command.name}](#{anchor}) | {_escape(command.help.splitlines()[0])} |"


def _section(command: Command, title: str, shared: tuple[Parameter, ...]) -> Iterator[str]:
    yield f"{title}\n"
    yield f"`{usage(command)}`\n"
    for paragraph in command.help.split("\n\n"):
        yield f"{_escape(' '.join(paragraph.split()))}\n"
    if command.arguments:
        yield from _table("Arguments", command.arguments)
    yield from _options(own_options(command, shared))
    if more := also_has(command, shared, f"[{SHARED[0].lower()}{SHARED[1:]}](#{ANCHOR})"):
        yield f"{more}\n"


def _options(options: tuple[Parameter, ...]) -> Iterator[str]:
    for panel, found in grouped(options).items():
        yield from _table(panel, tuple(found))


def _table(title: str, parameters: tuple[Parameter, ...]) -> Iterator[str]:
    yield f"**{_escape(title)}**\n"
    yield "| | | |"
    yield "|---|---|---|"
    for item in parameters:
        yield f"| {_name(item)} | {_escape(item.help)} | {_escape(details(item))} |"
    yield ""


def _name(item: Parameter) -> str:
    """ "`--out`, `-o` PATH" """
    value = f" {_escape(item.shown)}" if item.shown and not item.argument else ""
    names = ", ".join(f"`{name}`" for name in item.names) or f"`{item.metavar or item.name.upper()}`"
    return names + value


def _escape(text: str) -> str:
    """Text that Markdown, also in a table, shows as it is."""
    for sign in "\\`*_<>[]|":
        text = text.replace(sign, f"\\{sign}")
    return text
