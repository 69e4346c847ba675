"""Builds a Typer command from option dataclasses, so that each option is declared once."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import MISSING, fields
from typing import Annotated, Any, get_args, get_type_hints

import typer


def add_command(
    app: typer.Typer,
    name: str,
    help_text: str,
    groups: tuple[type, ...],
    body: Callable[..., object],
    examples: Sequence[str] = (),
    helps: Mapping[str, str | None] | None = None,
    words: Callable[[], Mapping[str, Sequence[str]]] = dict,
    layers: Callable[..., Mapping[str, Any]] | None = None,
) -> None:
    """Add a command whose options are the fields of `groups`; `body` gets one filled instance of each.

    A field's name gives its option (`max_det` --max-det) where the Annotated typer.Option names none. A group may
    have fields of the same name as another only if they mean the same option.
    examples: at the foot of --help.
    helps: what some fields say in place of their own help; None: --help leaves them out.
    words: values of some fields that have a name, for completion.
    layers: settings of files that the command line names, as settings.typed_layers has them.
    """

    def callback(**values: Any) -> None:
        body(*(group(**{field.name: values[field.name] for field in fields(group)}) for group in groups))

    callback.__doc__ = help_text
    callback.examples = tuple(examples)  # type: ignore[attr-defined]
    callback.words = words  # type: ignore[attr-defined]
    callback.layers = layers  # type: ignore[attr-defined]
    callback.__signature__ = inspect.Signature([p for group in groups for p in _parameters(group, helps or {})])  # type: ignore[attr-defined]
    app.command(name, help=help_text)(callback)


def _parameters(group: type, helps: Mapping[str, str | None]) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=_with_help(hints[field.name], helps.get(field.name, "")),
        )
        for field in fields(group)
    ]


def _with_help(annotation: Any, text: str | None) -> Any:
    """The annotation of an option with another help text; "" leaves it as it is, None hides it."""
    if text == "":
        return annotation
    of, info = get_args(annotation)
    info = copy(info)
    info.help, info.hidden = (text, False) if text else (info.help, True)
    return Annotated[of, info]
