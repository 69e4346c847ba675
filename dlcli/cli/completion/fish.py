"""The script for fish: a line for each command and option."""

from collections.abc import Iterator

from dlcli.cli.completion.offers import HELP_TEXT, Offer, declared_off, offer, path_word, short
from dlcli.cli.spec import Command, Parameter

HEAD = """\
# fish completion for dlcli, written by: dlcli completion fish
# Use: dlcli completion fish | source, or write it to ~/.config/fish/completions/dlcli.fish

function __dlcli_at --description 'Whether the words so far name this command'
    set -l at
    for word in (commandline -opc)[2..]
        switch "$at/$word"
"""
MIDDLE = """\
        end
    end
    test "$at" = "$argv[1]"
end

complete -c dlcli -f
"""
VALUES = {Offer.FILES: "-r -F", Offer.FOLDERS: "-x -a '(__fish_complete_directories)'", Offer.NOTHING: "-x"}


def fish_script(tree: Command) -> str:
    lines = [HEAD.rstrip("\n")]
    for command in tree.all_commands():
        if command.path:
            lines += [f"            case /{path_word(command)}", f"                set at /{path_word(command)}"]
    return "\n".join([*lines, MIDDLE, *_lines(tree)]) + "\n"


def _lines(tree: Command) -> Iterator[str]:
    for command in tree.all_commands():
        at = f"complete -c dlcli -n '__dlcli_at \"{'/' if command.path else ''}{path_word(command)}\"'"
        for item in command.commands:
            yield f"{at} -a {item.path[-1]} -d {_quote(short(item.help))}"
        for argument in command.arguments[-1:]:
            yield f"{at} {_argument(argument)}"
        for option in command.options:
            yield f"{at} {_names(option.names)} {_value(option)}-d {_quote(short(option.help))}"
            if declared_off(option):
                yield f"{at} {_names(declared_off(option))} -d {_quote(short(option.help))}"
        yield f"{at} -l help -s h -d {_quote(HELP_TEXT)}"


def _names(names: tuple[str, ...]) -> str:
    return " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in names)


def _value(option: Parameter) -> str:
    if option.kind == "flag":
        return ""
    words, files = option.choices or option.words, "-r -F" if offer(option) is Offer.FILES else "-x"
    return f"{files} -a {_quote(' '.join(words))} " if words else f"{VALUES[offer(option)]} "


def _argument(argument: Parameter) -> str:
    if argument.choices:
        return f"-a {_quote(' '.join(argument.choices))}"
    return {Offer.FILES: "-F", Offer.FOLDERS: "-a '(__fish_complete_directories)'"}.get(offer(argument), "-f")


def _quote(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
