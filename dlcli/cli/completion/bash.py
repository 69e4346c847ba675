"""The script for bash 4 and later, without the bash-completion package."""

from collections.abc import Iterator

from dlcli.cli.completion.offers import Offer, offer, option_names, pattern, places, quote, valued
from dlcli.cli.spec import Command, Parameter

HEAD = """\
# bash completion for dlcli, written by: dlcli completion bash
# Use: source <(dlcli completion bash), or write it to ~/.local/share/bash-completion/completions/dlcli

_dlcli() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} at= only_files= i
    COMPREPLY=()
    if [[ $current == = ]]; then
        current=
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == -- ]] && only_files=1
        case "$at/${COMP_WORDS[i]}" in
"""
TAIL = """\
}

_dlcli_words() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_dlcli_paths() {
    compopt -o filenames 2> /dev/null
    mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
}

_dlcli_words_or_files() {
    _dlcli_words "$1" "$2"
    local words=("${COMPREPLY[@]}")
    _dlcli_paths -f "$2"
    COMPREPLY+=("${words[@]}")
}

complete -F _dlcli dlcli
"""
CALLS = {Offer.FILES: '_dlcli_paths -f "$current"', Offer.FOLDERS: '_dlcli_paths -d "$current"', Offer.NOTHING: ":"}


def bash_script(tree: Command) -> str:
    return HEAD + "\n".join(_body(tree)) + "\n" + TAIL


def _body(tree: Command) -> Iterator[str]:
    yield from places(tree)
    yield '    [[ -n $only_files ]] && { _dlcli_paths -f "$current"; return; }'
    yield '    case "$at $before" in'
    for names, call in _values(tree).items():
        yield f"        {names}) {call}; return ;;"
    yield "    esac"
    yield '    case "$at $current" in'
    for command in tree.all_commands():
        yield f"        {pattern(command, '-')}*) {_words(option_names(command))} ;;"
    for command in tree.all_commands():
        yield f"        {pattern(command, '')}*) {_plain(command)} ;;"
    yield "    esac"


def _values(tree: Command) -> dict[str, str]:
    """Patterns of "at option" -> what to call for its value."""
    return {
        "|".join(pattern(command, name) for name in option.names): _call(option)
        for command in tree.all_commands()
        for option in valued(command)
    }


def _plain(command: Command) -> str:
    """What stands where no option does: a command, or the next argument."""
    if command.commands:
        return _words([item.path[-1] for item in command.commands])
    return _call(command.arguments[-1]) if command.arguments else ":"


def _call(parameter: Parameter) -> str:
    if parameter.words and offer(parameter) is Offer.FILES:
        return f'_dlcli_words_or_files {quote(" ".join(parameter.words))} "$current"'
    words = parameter.choices or parameter.words
    return _words(list(words)) if words else CALLS[offer(parameter)]


def _words(words: list[str]) -> str:
    return f'_dlcli_words {quote(" ".join(words))} "$current"'
