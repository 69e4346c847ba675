"""Scores as JSON and as people read them; the eval commands share it."""

from collections.abc import Sequence

from dlcli.console import Console


def shown(value: float | None) -> str:
    """Four decimals; "-" where there is no value."""
    return "-" if value is None else f"{value:.4f}"


def changed(value: float | None) -> str:
    """The same of a difference, with its sign."""
    return "-" if value is None else f"{value:+.4f}" if round(value, 4) else "0.0000"


def spanned(bounds: Sequence[float] | None) -> str:
    """Of an interval."""
    return "-" if bounds is None else f"{bounds[0]:.4f} to {bounds[1]:.4f}"


def columns(console: Console, titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Lines of equal columns, the first to the left, the others to the right."""
    lines = [titles, *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(titles))]
    for first, *others in lines:
        cells = [f"{first:<{widths[0]}}", *(f"{cell:>{w}}" for cell, w in zip(others, widths[1:], strict=True))]
        console.line("  ".join(cells))
