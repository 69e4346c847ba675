"""The script for zsh, sourced after compinit or put into a folder of $fpath as _dlcli."""

from collections.abc import Iterator

from dlcli.cli.completion.offers import (
    HELP,
    HELP_TEXT,
    Offer,
    declared_off,
    offer,
    pattern,
    places,
    quote,
    short,
    valued,
)
from dlcli.cli.spec import Command, Parameter

HEAD = """\
#compdef dlcli
# zsh completion for dlcli, written by: dlcli completion zsh
# Use: source <(dlcli completion zsh) behind compinit, or write it to a folder of $fpath as _dlcli

_dlcli() {
    local current=$words[CURRENT] before=$words[CURRENT-1] at= i
    local -a found
    if [[ $current == --*=* ]]; then
        before=${current%%=*}
        compset -P '*='
    fi
    for ((i = 2; i < CURRENT; i++)); do
        [[ $words[i] == -- ]] && { _files; return }
        case "$at/$words[i]" in
"""
TAIL = """\
}

if [[ $funcstack[1] == _dlcli ]]; then
    _dlcli "$@"
else
    compdef _dlcli dlcli
fi
"""
CALLS = {Offer.FILES: "_files", Offer.FOLDERS: "_files -/", Offer.NOTHING: "_message value"}


def zsh_script(tree: Command) -> str:
    return HEAD + "\n".join(_body(tree)) + "\n" + TAIL


def _body(tree: Command) -> Iterator[str]:
    yield from places(tree)
    yield '    case "$at $before" in'
    for command in tree.all_commands():
        for option in valued(command):
            patterns = "|".join(pattern(command, name) for name in option.names)
            yield f"        ({patterns}) {_call(option)}; return ;;"
    yield "    esac"
    yield '    case "$at $current" in'
    for command in tree.all_commands():
        yield f"        ({pattern(command, '-')}*) found=({_options(command)}); _describe -o option found ;;"
    for command in tree.all_commands():
        yield f"        ({pattern(command, '')}*) {_plain(command)} ;;"
    yield "    esac"


def _options(command: Command) -> str:
    texts = [(name, option.help) for option in command.options for name in (*option.names, *declared_off(option))]
    return " ".join(_described(name, text) for name, text in [*texts, *((name, HELP_TEXT) for name in HELP)])


def _plain(command: Command) -> str:
    """What stands where no option does: a command, or the next argument."""
    if command.commands:
        words = " ".join(_described(item.path[-1], item.help) for item in command.commands)
        return f"found=({words}); _describe command found"
    return _call(command.arguments[-1]) if command.arguments else "_message 'no more words'"


def _call(parameter: Parameter) -> str:
    words, files = parameter.choices or parameter.words, "_files" if offer(parameter) is Offer.FILES else ""
    return "; ".join(filter(None, (f"compadd -- {' '.join(words)}", files))) if words else CALLS[offer(parameter)]


def _described(name: str, text: str) -> str:
    """A word of _describe: name and text with a colon between them."""
    return quote(f"{name.replace(':', chr(92) + ':')}:{short(text)}")
