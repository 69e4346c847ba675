"""Options such as --clahe 2 as a --pre chain, in one fixed order. Light."""

import re
from typing import TYPE_CHECKING

from dlcli.errors import UsageError
from dlcli.imaging.steps.table import BY_NAME, show_value

if TYPE_CHECKING:
    from dlcli.tasks.preprocess.options import PreprocessOptions

_SIZE = re.compile(r"([0-9]{1,5})(?:x([0-9]{1,5}))?", re.IGNORECASE)
_NUMBERS = {"denoise": "strength", "clahe": "clip", "gamma": "g", "sharpen": "amount"}  # step: its argument
ORDER = ("white_balance", "denoise", "clahe", "gamma", "sharpen", "resize")


def chain_of(options: "PreprocessOptions") -> str:
    """The chain that the options ask for, "" where they ask for none. UsageError for a value out of range."""
    steps = {name: _number_step(name, argument, getattr(options, name)) for name, argument in _NUMBERS.items()}
    steps["white_balance"] = "white_balance" if options.white_balance else ""
    steps["resize"] = _resize_step(options.resize)
    return " | ".join(steps[name] for name in ORDER if steps[name])


def flags_given(options: "PreprocessOptions") -> list[str]:
    """The options that `chain_of` looks at and that were given, as typed."""
    given = [name for name in ORDER if getattr(options, name) not in (None, False, "")]
    return ["--" + name.replace("_", "-") for name in given]


def _number_step(step: str, name: str, value: float | None) -> str:
    if value is None:
        return ""
    argument = next(argument for argument in BY_NAME[step].arguments if argument.name == name)
    if not argument.low <= value <= argument.high:
        raise UsageError(f"--{step} {value:g}: expected {argument.describe()}")
    return f"{step}({name}={show_value(value)})"


def _resize_step(text: str) -> str:
    if not text:
        return ""
    found = _SIZE.fullmatch(text.strip())
    sides = [int(side) for side in found.groups() if side] if found else []
    argument = BY_NAME["resize"].arguments[0]
    if not sides or not all(argument.low <= side <= argument.high for side in sides):
        expected = f"the longer side, or WIDTHxHEIGHT, each {argument.describe()}"
        raise UsageError(f"--resize {text}: expected {expected}, such as 640 or 640x480")
    return f"resize({', '.join(map(str, sides))})"
