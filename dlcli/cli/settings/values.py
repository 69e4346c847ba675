"""Turns what a settings file or the environment says into the words of a command line, which Typer checks as such."""

import json
from typing import Any

from dlcli.cli.spec import Parameter
from dlcli.errors import UsageError
from dlcli.spelling import known

EXPECTED = {
    "flag": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "text": "text",
    "path": "a path",
}
PREFIX = "DLCLI_"  # of variables
LISTED = "LIST"  # the metavar of options whose value is a list with commas


def from_file(option: Parameter, value: Any) -> Any:
    """bool for a flag, a list of words for an option that may be given several times, else a word.

    A TOML array also fills an option that takes a list with commas. UsageError says what was expected.
    """
    if option.kind == "flag":
        return value if isinstance(value, bool) else _refuse(option, value)
    if option.several:
        return [_word(option, item) for item in (value if isinstance(value, list) else [value])]
    if isinstance(value, list) and LISTED in option.metavar.split("|"):
        words = [_word(option, item) for item in value]
        commas = [word for word in words if "," in word]
        return _refuse(option, commas[0]) if commas else ",".join(words)
    return _word(option, value)


def from_environment(option: Parameter, text: str) -> Any:
    """The same of a variable's text; an option that may be given several times takes a value a line."""
    words = text.splitlines() if option.several else [text]
    listed = [known(word, option.choices) for word in words]
    return listed if option.several else listed[0]


def _word(option: Parameter, value: Any) -> str:
    numeric = isinstance(value, int | float) and not isinstance(value, bool)
    textual = isinstance(value, str) and option.kind not in ("integer", "number")
    if textual and ("\0" in value or (value == "" and option.kind == "path")):
        return _refuse(option, value)  # "" would be the working folder
    if textual or (numeric and option.kind != "choice"):
        return known(str(value), option.choices)
    return _refuse(option, value)


def _refuse(option: Parameter, value: Any) -> Any:
    expected = f"one of {', '.join(option.choices)}" if option.choices else EXPECTED[option.kind]
    several = "; or an array of them" if option.several else ""
    raise UsageError(f"expected {expected}{several}, got {_shown(value)}")


def _shown(value: Any) -> str:
    return "a table" if isinstance(value, dict) else json.dumps(value, ensure_ascii=False, default=str)
