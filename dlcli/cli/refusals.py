"""Values and words that the command line refuses, in our own words: the option, the value, what was expected."""

import os
from collections.abc import Sequence
from typing import Any

from dlcli.cli.spec import Parameter
from dlcli.console import printable
from dlcli.messages import did_you_mean, nearest, shortened
from dlcli.tasks.registry import all_tasks

# What fingers bring from other tools: an option that we do not have -> what to write here; of several words for it the
# first that begins with an option of the command.
LIMIT = "use --conf|use --threshold|use --min-share"
AGAIN = "use --overwrite|use --resume to go on; a folder of a run is never written over, so name a new one by --out"
ALIKE = 0.8  # a misspelled option of another tool
ELSEWHERE = {
    "--source": "sources stand alone, without an option: dlcli detect photo.jpg",
    "--input": "sources stand alone, without an option: dlcli detect photo.jpg",
    "--weights": "use --model",
    "--imgsz": "the size is the model's own, see dlcli models info NAME; in dlcli train it is --size",
    "--img-size": "the size is the model's own, see dlcli models info NAME; in dlcli train it is --size",
    "--dry-run": "use --plan",
    "-n": "use --plan",
    "--force": AGAIN,
    "--exist-ok": AGAIN,
    "--overwrite": AGAIN,
    "--output": "use --out DIR",
    "--output-dir": "use --out DIR",
    "--output-path": "use --out DIR",
    "--out-dir": "use --out DIR",
    "--project": "use --out DIR, which is exactly that folder",
    "--name": "use --out DIR, which is exactly that folder",
    "-j": "use --threads N",
    "--jobs": "use --threads N",
    "-v": "dlcli says what there is to say; --timings and --debug say more",
    "--verbose": "dlcli says what there is to say; --timings and --debug say more",
    "--no-color": "it stands before the command: dlcli --no-color detect; or set NO_COLOR=1",
    "--color": "color follows the terminal and NO_COLOR",
    "--threshold": LIMIT,
    "--confidence": LIMIT,
    "--conf": LIMIT,
    "--min-score": LIMIT,
    "--save-txt": "use --save yolo",
    "--save-crop": "use --save crops",
    "--gpu": "use --device cuda",
    "--cpu": "use --device cpu",
    "--batch-size": "one image at a time is as fast here; in dlcli train it is --batch",
    "--list-styles": "dlcli style-transfer --help lists them",
    "--glob": "quote the pattern as a source: 'photos/*.jpg'",
    "--exclude": "use --exclude-classes",
}
VALUES = {
    "device": {"0": "cuda", "cuda:0": "cuda", "gpu": "cuda", "mps": "cpu"},
    "format": {"jpeg": "jpg", "tif": "tiff"},
}
COMMANDS = {
    "val": "eval", "validate": "eval", "test": "eval", "version": "--version", "list": "models list",
    "info": "models info",
}  # fmt: skip
NOT_OF_ALL = {"dlcli eval": "scored", "dlcli train": "trained"}  # groups of commands that some tasks have


def refused_value(option: Parameter, value: Any) -> str:
    """ "--conf 1.5: expected a number from 0 to 1". value: as typed."""
    word = shortened(printable(str(value)), 60) or "''"
    if option.kind == "path":
        fault = "cannot be read" if os.path.exists(str(value)) else "no such file or folder"
        return f"{_name(option)} {word}: {fault}"
    near = _near(option, str(value))
    return f"{_name(option)} {word}: expected {expected(option)}{f'; {near}' if near else ''}"


def missing_value(option: Parameter, next_word: str = "") -> str:
    """ "--conf: expected a number from 0 to 1 after it"."""
    return f"{_name(option)}: expected {expected(option)} after it"


def missing_parameter(parameter: Parameter) -> str:
    """ "SHELL is missing; expected bash, zsh or fish", "DATA is missing; expected: a folder per class"."""
    if parameter.choices:
        return f"{_name(parameter)} is missing; expected {expected(parameter)}"
    text = parameter.help.rstrip(".")
    first = text[:1] if text[1:2].isupper() else text[:1].lower()
    return f"{_name(parameter)} is missing; expected: {first}{text[1:]}"


def took_an_option(option: Parameter, value: str) -> str:
    """ "--denoise took --out as its value", where another option stands in place of a value."""
    return f"{_name(option)} took {value} as its value; expected {expected(option)} after {_name(option)}"


def unknown_option(word: str, names: Sequence[str]) -> str:
    """names: of the options that the command has."""
    own = [name for name in names if name.startswith("--")]
    others = {other: words for other, words in ELSEWHERE.items() if other not in names}
    hints = {other: hint for other, words in others.items() if (hint := _of_command(words, names))}
    near = nearest(word, [*own, *(other for other in hints if nearest(word, [other], ALIKE))])
    hint = hints.get(word) or hints.get(near) or (f"did you mean {near}?" if near else "")
    return f"no such option: {printable(word)}{f'; {hint}' if hint else ''}"


def _of_command(words: str, names: Sequence[str]) -> str:
    """The hint that fits a command with these options; "" where none does."""
    for hint in words.split("|"):
        option = next((part for part in hint.replace(",", " ").split() if part.startswith("--")), "")
        if not hint.startswith("use --") or option in names:
            return hint
    return ""


def unknown_command(word: str, names: Sequence[str], group: str = "dlcli") -> str:
    """names: of the commands of the group, such as "dlcli eval"."""
    if word in all_tasks() and group in NOT_OF_ALL:
        return f"{word} cannot be {NOT_OF_ALL[group]}; {group} takes {', '.join(names)}"
    of_tasks = {name: meant for task in all_tasks().values() for name, meant in task.called_elsewhere.items()}
    meant = (of_tasks | COMMANDS).get(word)
    hint = f"did you mean dlcli {meant}?" if meant else did_you_mean(word, names)
    return f"no such command: {printable(word)}{f'; {hint}' if hint else ''}"


def expected(option: Parameter) -> str:
    """ "a number from 0 to 1", "auto, cpu or cuda", "a whole number, at least 1" """
    if option.choices:
        return option.any_choice
    noun = {"integer": "a whole number", "number": "a number", "path": "a path"}.get(option.kind, "a value")
    if option.minimum is not None and option.maximum is not None:
        return f"{noun} from {option.minimum:,} to {option.maximum:,}"
    return f"{noun}, {option.limits}" if option.limits else noun


def _near(option: Parameter, value: str) -> str:
    known = VALUES.get(option.key, {}).get(value, "")
    if known in option.choices:
        return f"did you mean {known}?"
    return did_you_mean(value, option.choices) if option.choices else ""


def _name(option: Parameter) -> str:
    return next((name for name in option.names if name.startswith("--")), option.metavar or option.name.upper())
