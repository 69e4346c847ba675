"""Many small images on one sheet, each with a few words below, for people to look through."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from dlcli.frozen import dataclass
from dlcli.imaging.drawing.fonts.letters import Letters
from dlcli.imaging.geometry import fit

TILE = 200  # pixels: the widest and highest that an image is shown
_MARGIN, _LINE, _TEXT = 12, 19, 14
_PAPER, _INK, _BED = (250, 250, 248), (32, 34, 38), (232, 232, 228)


@dataclass(frozen=True)
class Tile:
    """pixels: uint8 [H, W, 3]. lines: what is written below, each cut where it is too long; a name,
    the first, in its middle, since its end tells it apart."""

    pixels: np.ndarray
    lines: tuple[str, ...]


def contact_sheet(tiles: Sequence[Tile], title: str, columns: int = 5) -> np.ndarray:
    """uint8 [h, w, 3]: the tiles row by row, fewer columns where there are fewer tiles, below a title."""
    columns = max(1, min(columns, len(tiles)))
    lines = max((len(tile.lines) for tile in tiles), default=0)
    step = TILE + lines * _LINE + _MARGIN
    rows = -(-len(tiles) // columns)
    width = max(480, columns * (TILE + _MARGIN) + _MARGIN)
    sheet = Image.new("RGB", (width, 2 * _MARGIN + _LINE + rows * step), _PAPER)
    draw, letters = ImageDraw.Draw(sheet), Letters(_TEXT)
    letters.draw(draw, (_MARGIN, _MARGIN), letters.shortened(title, width - 2 * _MARGIN), _INK)
    for index, tile in enumerate(tiles):
        left = _MARGIN + index % columns * (TILE + _MARGIN)
        top = 2 * _MARGIN + _LINE + index // columns * step
        draw.rectangle((left, top, left + TILE - 1, top + TILE - 1), fill=_BED)
        small, _ = fit(tile.pixels, (TILE, TILE))
        place = left + (TILE - small.shape[1]) // 2, top + (TILE - small.shape[0]) // 2
        sheet.paste(Image.fromarray(small), place)
        for number, line in enumerate(tile.lines):
            cut = letters.shortened(line, TILE, keep="start" if number else "ends")
            letters.draw(draw, (left, top + TILE + 2 + number * _LINE), cut, _INK)
    return np.array(sheet)
