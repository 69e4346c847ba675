"""Draws the classes of a whole image on it for people to look at: a panel with a bar for each."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from dlcli.imaging.drawing.fonts.letters import Letters
from dlcli.imaging.drawing.palette import Color, label_color
from dlcli.imaging.drawing.pen import PLAIN, Pen
from dlcli.units import show_score

PANEL = (12, 14, 18, 190)  # dark and see-through
TRACK = (255, 255, 255, 48)
SHARE = 0.45  # of the image's height that the panel covers at most
MOST_HIDDEN = 0.6  # of the height, by one row, beyond which none is drawn
LEAST_SHOWN = 0.005  # lower scores are "<0.01", which says nothing
LEAST_LETTERS = 9  # pixels: shrunk to this before a label is cut
WHITE = (255, 255, 255)


def draw_labels(
    pixels: np.ndarray,
    found: Sequence[tuple[str, float]],
    pen: Pen = PLAIN,
    written: Sequence[str] | None = None,
) -> np.ndarray:
    """A copy of RGB uint8 [H, W, 3] with the classes in a panel in its lower left corner, the first on top.

    found: (label, score in [0, 1]), best first; as many as there is room for, at least one, those below 0.005
    left out. written: the labels as they are to be written, where that differs. Letters grow with the image; where a
    label is too long they shrink, and then it is cut; on an image that is too small for one nothing is drawn, unless
    the pen has a size of letters.
    """
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if not found or not pen.labels:
        return np.array(image)
    draw = ImageDraw.Draw(image, "RGBA")
    names = [label for label, _ in found] if written is None else list(written)
    rows = [(name, *pair) for name, pair in zip(names, found, strict=True)]
    rows = [row for row in rows if row[2] >= LEAST_SHOWN] or rows[:1]
    letters = _letters(pen, image.size, [(row[0], _number(row[2], pen)) for row in rows])
    pad, step = _pad(letters), _step(letters)
    if not pen.font_size and _hides(letters, image.size, rows[0][0], _number(rows[0][2], pen)):
        return np.array(image)
    rows = rows[: max(1, int((SHARE * image.height - 2 * pad) // step))]
    width = min(image.width, _width(letters, [(row[0], _number(row[2], pen)) for row in rows]))
    top = image.height - len(rows) * step - 2 * pad
    draw.rectangle((0, top, width - 1, image.height - 1), fill=PANEL)
    for index, (name, label, score) in enumerate(rows):
        area = (pad, top + pad + index * step, width - pad)
        _row(draw, letters, area, (name, _number(score, pen)), score, label_color(label))
    return np.array(image)


def _letters(pen: Pen, size: tuple[int, int], rows: Sequence[tuple[str, str]]) -> Letters:
    """As large as the pen says, smaller where the longest row is wider than the image."""
    largest = Letters(pen.letters(*size))
    wide = _width(largest, rows)
    if pen.font_size or wide <= size[0]:
        return largest
    return Letters(min(largest.size, max(LEAST_LETTERS, int(largest.size * size[0] / wide))))


def _hides(letters: Letters, size: tuple[int, int], label: str, number: str) -> bool:
    """Whether the first row alone would cover much of the image, and still not be read."""
    room = size[0] - _width(letters, [("", number)])
    cut = len(letters.shortened(label, room)) < len(label) / 2
    return cut or _step(letters) + 2 * _pad(letters) > MOST_HIDDEN * size[1]


def _width(letters: Letters, rows: Sequence[tuple[str, str]]) -> int:
    number = max(letters.length(shown) for _, shown in rows)
    gap = round(letters.size * 0.8) if number else 0
    return round(max(letters.length(label) for label, _ in rows) + gap + number) + 2 * _pad(letters)


def _pad(letters: Letters) -> int:
    return max(2, round(letters.size * 0.45))


def _step(letters: Letters) -> int:
    return letters.height + max(2, round(letters.size * 0.5))


def _number(score: float, pen: Pen) -> str:
    return show_score(score) if pen.scores else ""


def _row(
    draw: ImageDraw.ImageDraw,
    letters: Letters,
    area: tuple[int, int, int],
    texts: tuple[str, str],
    score: float,
    color: Color,
) -> None:
    """area: left, top, right of one line: its label, its score at the right end, its bar below."""
    left, top, right = area
    label, shown = texts
    number = letters.length(shown)
    room = right - left - number - (letters.size * 0.4 if shown else 0)
    letters.draw(draw, (left, top), letters.shortened(label, room), WHITE)
    letters.draw(draw, (right - number, top), shown, WHITE)
    if right <= left:
        return
    low, thick = top + letters.height, max(2, round(letters.size * 0.18))
    draw.rectangle((left, low, right - 1, low + thick - 1), fill=TRACK)
    long = round((right - left) * score)
    if long >= 1:
        draw.rectangle((left, low, left + long - 1, low + thick - 1), fill=color)
