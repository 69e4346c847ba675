"""Flags of the built program: what turns one off. Light."""

from typing import Any


def negations(parameter: Any) -> tuple[str, ...]:
    """What turns a flag off: what it declares, else --no-X for --X, and --X for --no-X."""
    if not getattr(parameter, "is_flag", False) or parameter.secondary_opts or parameter.is_eager:
        return tuple(getattr(parameter, "secondary_opts", ()))
    name = next(name for name in parameter.opts if name.startswith("--"))
    return ("--" + name.removeprefix("--no-"),) if name.startswith("--no-") else (f"--no-{name[2:]}",)


def option_name(parameter: Any) -> str:
    """An option of the built program by its long name, without dashes before it."""
    return next((name for name in parameter.opts if name.startswith("--")), str(parameter.name)).lstrip("-")
