"""Rows of panels under captions on one sheet, for people to compare what stands side by side."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from dlcli.imaging.drawing.fonts.letters import Letters

PANEL = 300  # pixels: the widest and highest that an image is shown
_MARGIN, _LINE, _TEXT = 12, 24, 14
_PAPER, _INK = (250, 250, 248), (32, 34, 38)


def row_sheet(titles: Sequence[str], rows: Sequence[tuple[str, Sequence[np.ndarray]]]) -> np.ndarray:
    """uint8 [h, w, 3]. titles: of the columns. rows: a caption, whose end stays where it is cut, and a panel for each
    title, uint8 [h, w, 3] of one height, at most PANEL pixels wide and high."""
    letters, across = Letters(_TEXT), PANEL + _MARGIN
    heights = [panels[0].shape[0] + _LINE + _MARGIN for _, panels in rows]
    sheet = Image.new("RGB", (len(titles) * across + _MARGIN, sum(heights) + _LINE + _MARGIN), _PAPER)
    draw, top = ImageDraw.Draw(sheet), _LINE + _MARGIN // 2
    for column, title in enumerate(titles):
        letters.draw(draw, (_MARGIN + column * across, _MARGIN // 2), title, _INK)
    for (caption, panels), height in zip(rows, heights, strict=True):
        letters.draw(draw, (_MARGIN, top), letters.shortened(caption, len(titles) * across, keep="ends"), _INK)
        for column, panel in enumerate(panels):
            sheet.paste(Image.fromarray(panel), (_MARGIN + column * across, top + _LINE))
        top += height
    return np.array(sheet)
