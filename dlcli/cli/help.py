"""What --help prints: options in groups, input and output first, then examples. Built from the spec of the command."""

import shutil
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dlcli.cli.spec import Command, Parameter

WIDEST, COLUMN, INDENT = 100, 28, "  "  # columns of a page; where help begins; before each line
# Groups in the order in which people need them, a command's own between the two; and what comes first in a group.
FIRST = ("Options", "Input", "Output", "Model", "Network", "Data", "Optimization")
LAST = ("Gates", "Limits", "Display", "Run", "Runtime")
EARLY = ("out", "resume", "model", "from", "net", "size", "epochs", "steps", "batch", "lr", "backbone_lr")


def page_width() -> int:
    """Columns: the terminal's, up to WIDEST; COLUMNS or 80 where there is none."""
    return max(40, min(WIDEST, shutil.get_terminal_size((80, 24)).columns))


def command_help(command: Command, examples: Sequence[str] = (), width: int = 80) -> str:
    """The help of a command that runs something."""
    lines = [f"Usage: {usage(command)}", "", *_paragraphs(command.help, width)]
    if command.arguments:
        lines += ["", "Arguments:", *_table([(_argument_name(item), _text(item)) for item in command.arguments], width)]
    titled = groups(command) or {"Options": []}
    for title, options in titled.items():
        rows = [(option_name(item), _text(item)) for item in options]
        rows += [("-h, --help", "Show this message and exit.")] if title == list(titled)[-1] else []
        lines += ["", f"{title}:", *_table(rows, width)]
    return "\n".join([*lines, *_examples(examples)])


def group_help(
    command: Command, foot: str = "", width: int = 80, sections: Mapping[str, Sequence[str]] | None = None
) -> str:
    """The help of dlcli, or of a group of commands. sections: title -> the names below it; the others come first."""
    lines = [f"Usage: {usage(command)}", "", *_paragraphs(command.help, width)]
    said = {item.path[-1]: summary(item) for item in command.commands}
    column = max(map(len, said), default=0) + 4
    for title, names in _sections(list(said), sections or {}).items():
        lines += ["", f"{title}:", *_table([(name, said[name]) for name in names], width, column)]
    rows = [(option_name(item), _text(item)) for item in command.options]
    lines += ["", "Options:", *_table([*rows, ("-h, --help", "Show this message and exit.")], width, 20)]
    return "\n".join([*lines, *(["", *_paragraphs(foot, width)] if foot else [])])


def _sections(names: list[str], sections: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Names by title, without what is not there."""
    placed = {name for below in sections.values() for name in below}
    first = "Images" if sections else "Commands"
    found = {first: [name for name in names if name not in placed]}
    found |= {title: [name for name in below if name in names] for title, below in sections.items()}
    return {title: below for title, below in found.items() if below}


def usage(command: Command) -> str:
    """ "dlcli detect [OPTIONS] [SOURCE]..." """
    words = [command.name, "[OPTIONS]"] if command.options else [command.name]
    words += ["COMMAND ..."] if command.commands else [_placed(item) for item in command.arguments]
    return " ".join(words)


def summary(command: Command) -> str:
    """The first line of a command's help."""
    return command.help.split("\n", 1)[0]


def groups(command: Command) -> dict[str, list[Parameter]]:
    """Options by the title that they stand under, in the order of --help."""
    return grouped(command.options)


def grouped(options: Iterable[Parameter]) -> dict[str, list[Parameter]]:
    """The same of some options."""
    found: dict[str, list[Parameter]] = {}
    for option in sorted(options, key=_place):
        found.setdefault(option.panel or "Options", []).append(option)
    own = [title for title in found if title not in FIRST + LAST]
    return {title: found[title] for title in (*FIRST, *own, *LAST) if title in found}


def _place(option: Parameter) -> int:
    return EARLY.index(option.key) if option.key in EARLY else len(EARLY)


def option_name(option: Parameter) -> str:
    """ "-o, --out DIR" """
    names = ", ".join(sorted(option.names, key=lambda name: (name.startswith("--"), option.names.index(name))))
    opposite = f" / {option.negations[0]}" if option.default is True else ""
    return f"{names}{opposite} {option.shown}".rstrip()


def details(parameter: Parameter) -> str:
    """The limits and default of a value, whether it must be given; "" where there is nothing to say."""
    parts = [] if parameter.shown_range else [parameter.limits]
    parts += [parameter.any_choice] if parameter.argument else []
    parts += ["repeatable"] if parameter.several and not parameter.argument else []
    parts += ["required"] if parameter.required and not parameter.argument else []
    parts += [f"default {_default(parameter)}"] if _shows_default(parameter) else []
    return "; ".join(part for part in parts if part)


def _shows_default(parameter: Parameter) -> bool:
    """A switch that is off has none to show; of 0 and "" the help may say what they stand for."""
    value, said = parameter.default, "default" in parameter.help.lower()
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return not parameter.required and (number and not said if value == 0 else value not in (None, "", [], False))


def _text(parameter: Parameter) -> str:
    more = details(parameter)
    return f"{parameter.help} ({more})" if more else parameter.help


def _default(parameter: Parameter) -> str:
    value = parameter.default
    if value is True:
        return next(name for name in parameter.names if name.startswith("--"))
    if isinstance(value, list):
        return ",".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else "0" if value == 0 else str(value)


def _argument_name(argument: Parameter) -> str:
    return (argument.metavar or argument.name.upper()).strip("[]")


def _placed(argument: Parameter) -> str:
    name = _argument_name(argument)
    return (name if argument.required else f"[{name}]") + ("..." if argument.several else "")


def _paragraphs(text: str, width: int) -> Iterator[str]:
    for number, paragraph in enumerate(text.split("\n\n")):
        yield from [""] if number else []
        yield from textwrap.wrap(
            " ".join(paragraph.split()), width - 2, initial_indent=INDENT, subsequent_indent=INDENT
        )


def _table(rows: Iterable[tuple[str, str]], width: int, column: int = COLUMN) -> Iterator[str]:
    """Names, and their help beside them; a name that is too long stands on a line of its own."""
    for name, text in rows:
        head = f"{INDENT}{name}"
        lines = textwrap.wrap(text, width - column, break_long_words=False, break_on_hyphens=False) or [""]
        if len(head) + 2 > column:
            yield head
            head = ""
        yield f"{head:<{column}}{lines[0]}".rstrip()
        yield from (" " * column + line for line in lines[1:])


def _examples(examples: Sequence[str]) -> Iterator[str]:
    if examples:
        yield from ("", "Examples:")
        yield from (f"{INDENT}{example}" for example in examples)
