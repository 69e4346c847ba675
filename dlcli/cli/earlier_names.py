"""Options and values under the names that they had before: accepted, in no help. Light."""

from collections.abc import Callable, Sequence
from typing import Any

from dlcli.cli.flags import negations
from dlcli.spelling import known, today

Choices = Callable[[Any], Sequence[str]]

RENAMED = {"--pictures": "--transfer"}  # words: keep


def with_names_of_today(words: Sequence[str], params: Sequence[Any], choices: Choices) -> list[str]:
    """A command line whose options, and values that are a choice, have the names that the command knows.

    params: of the command, as Click has them. choices: the values that one of them may have, asked only where a value
    has another spelling today. What follows `--` stays.
    """
    options = {name: item for item in params for name in (*item.opts, *negations(item))}
    changed: list[str] = []
    waiting: Any = None  # the option whose value comes next
    for place, word in enumerate(words):
        if word == "--":
            return [*changed, *words[place:]]
        if waiting is not None:
            changed.append(_value(word, waiting, choices))
            waiting = None
            continue
        name, equals, value = word.partition("=")
        name = _name(name, options) if name.startswith("--") else name
        option = options.get(name)
        takes_value = option is not None and name.startswith("-") and not option.is_flag
        changed.append(name + equals + (_value(value, option, choices) if takes_value else value))
        waiting = option if takes_value and not equals else None
    return changed


def _name(name: str, options: dict[str, Any]) -> str:
    renamed = RENAMED.get(name, name)
    return renamed if renamed in options else known(name, options)


def _value(word: str, option: Any, choices: Choices) -> str:
    return known(word, choices(option)) if today(word) != word else word
