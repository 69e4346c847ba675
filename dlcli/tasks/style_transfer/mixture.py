"""The styles asked for as a painter takes them: a row of numbers, and the colors that images get first."""

import numpy as np

from dlcli.card import ModelCard
from dlcli.errors import DataError, UsageError
from dlcli.frozen import dataclass
from dlcli.tasks.style_transfer.colors import Palette
from dlcli.tasks.style_transfer.options import StyleOptions, shares
from dlcli.tasks.style_transfer.styles import not_found


@dataclass(frozen=True)
class Mixture:
    """weights: float32 [1, S], of each style that the painter knows, or a vector that says what a style is.

    palettes: of the styles asked for, with their shares.
    """

    weights: np.ndarray
    palettes: tuple[tuple[Palette, float], ...]


def named_styles(options: StyleOptions, card: ModelCard, path: str) -> Mixture:
    """Finds the styles in the card. UsageError: one is not there. DataError: the card does not tell."""
    try:
        known = {style["name"]: Palette.from_card(style) for style in card.decoding["styles"]}
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path}: its card does not tell its styles: {error}; export the model again") from error
    names, parts = list(known), list(zip(options.style or [], shares(options), strict=True))
    weights = np.zeros((1, len(names)), np.float32)
    for name, share in parts:
        if name not in known:
            raise UsageError(
                f"--style {name}: {path} paints in the styles that it was trained on: {not_found(name, names, '')}. "
                "For any other image leave --model out, or add --method optimize"
            )
        weights[0, names.index(name)] += share
    return Mixture(weights, tuple((known[name], share) for name, share in parts))
