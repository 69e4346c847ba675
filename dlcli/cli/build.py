"""Builds a Typer command from option dataclasses, so that each option is declared once."""

import inspect
from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, get_type_hints

import typer

from dlcli.errors import InterruptedRunError


def add_command(
    app: typer.Typer, name: str, help_text: str, groups: tuple[type, ...], body: Callable[..., object]
) -> None:
    """Add a command whose options are the fields of `groups`; `body` gets one filled instance of each.

    A field's name gives its option (`max_det` --max-det) where the Annotated typer.Option names none. A group may
    have fields of the same name as another only if they mean the same option.
    """

    def callback(**values: Any) -> None:
        try:
            body(*(group(**{field.name: values[field.name] for field in fields(group)}) for group in groups))
        except KeyboardInterrupt as stop:  # Typer would end without a word
            raise InterruptedRunError(str(stop) or "interrupted") from None

    callback.__doc__ = help_text
    callback.__signature__ = inspect.Signature([p for group in groups for p in _parameters(group)])  # type: ignore[attr-defined]
    app.command(name, help=help_text)(callback)


def _parameters(group: type) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(group)
    ]
