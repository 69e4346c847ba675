"""Masks of indices whose palettes say more, or other, than the indices: those of colors saved with a palette a file."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from dlcli.data.masks import VOC_COLORS, Colors
from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.messages import listed

Color = tuple[int, int, int]
BLACK = (0, 0, 0)


@dataclass(frozen=True)
class Palette:
    """shown: the color of each value that a mask holds."""

    shown: dict[int, Color]


def palette_of(image: Image.Image, values: np.ndarray) -> Palette | None:
    """Of an opened file of indices, uint8 [H, W]; None where it has none, or shows each value as its own gray."""
    stored = image.getpalette("RGB") if image.mode == "P" else None
    if not stored:
        return None
    colors = list(zip(stored[::3], stored[1::3], stored[2::3], strict=False))
    used = np.flatnonzero(np.bincount(values.ravel(), minlength=256)).tolist()
    shown = {value: colors[value] if value < len(colors) else BLACK for value in used}
    return None if all(set(color) == {value} for value, color in shown.items()) else Palette(shown)


def by_colors(path: Path, values: np.ndarray, palette: Palette | None, colors: Colors) -> np.ndarray:
    """uint8 [H, W]: what the colors of the palette stand for, where the set lists colors of its own; else the indices.

    DataError: the palette has some of the colors that are listed, and others.
    """
    if palette is None or not 0 < len(colors) < len(VOC_COLORS):  # VOC's are for sets that list none
        return values
    shown = palette.shown
    known = {value: colors[color] for value, color in shown.items() if color in colors}
    if not {shown[value] for value in known} - {BLACK} and len(known) < len(shown):
        return values  # a palette of somebody else
    if len(known) < len(shown):
        others = [str(color) for value, color in shown.items() if value not in known]
        raise DataError(
            f"{path}: colors of its palette that stand for no class: {listed(others, 3)} (red, green, blue)"
        )
    table = np.zeros(256, np.uint8)
    table[list(known)] = list(known.values())
    return np.asarray(table[values])


def refuse_shuffled(place: Path, palettes: Iterable[tuple[Path, Palette | None]]) -> None:
    """DataError: one color stands for different values in two masks, so each was given a palette of its own."""
    first: dict[Color, tuple[int, Path]] = {}
    for path, palette in palettes:
        shown = {} if palette is None else palette.shown
        colors = list(shown.values())
        for value, color in shown.items():
            before, other = first.setdefault(color, (value, path))
            if before != value and colors.count(color) == 1:
                raise DataError(
                    f"{place}: {other.name} has the color {color} at value {before} and {path.name} at {value}: each "
                    "mask has a palette of its own, so its values are no classes; save them with one palette, or in "
                    "RGB with a labelmap.txt of lines such as cat:128,0,0::"
                )


def recolored(place: Path, palettes: Iterable[tuple[Path, Palette | None]]) -> tuple[str, ...]:
    """What is to be said of a palette that has VOC's colors at other values."""
    for path, palette in palettes:
        if palette is None or not all(color in VOC_COLORS for color in palette.shown.values()):
            continue
        for value, color in palette.shown.items():
            if VOC_COLORS[color] != value and list(palette.shown.values()).count(color) == 1:
                what = (
                    f"{path.name} shows value {value} in VOC's color of {VOC_COLORS[color]}; values count, not colors"
                )
                return (f"{place}: {what}",)
    return ()
