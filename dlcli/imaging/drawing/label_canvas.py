"""Draws the classes of a whole image on it for people to look at: a panel with a bar for each."""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dlcli.imaging.drawing.canvas import load_font
from dlcli.imaging.drawing.palette import class_color

PANEL = (12, 14, 18, 190)  # dark and see-through
TRACK = (255, 255, 255, 48)
SHARE = 0.45  # of the image's height that the panel covers at most


def draw_labels(pixels: np.ndarray, found: Sequence[tuple[str, float]], class_ids: Sequence[int]) -> np.ndarray:
    """A copy of RGB uint8 [H, W, 3] with the classes in a panel in its lower left corner, the first on top.

    found: (label, score in [0, 1]), best first; as many as there is room for, at least one. class_ids: theirs, for
    the colors. Letters grow with the image; a label that is too long is cut.
    """
    image = Image.fromarray(np.ascontiguousarray(pixels))
    if not found:
        return np.array(image)
    draw = ImageDraw.Draw(image, "RGBA")
    font = load_font(max(10, min(72, round(0.029 * math.sqrt(image.width * image.height)))))
    pad = max(2, round(font.size * 0.45))
    step = sum(font.getmetrics()) + max(2, round(font.size * 0.5))
    rows = list(found)[: max(1, int((SHARE * image.height - 2 * pad) // step))]
    texts = [(label, f"{score:.0%}") for label, score in rows]
    gap, number = round(font.size * 0.8), max(font.getlength(text) for _, text in texts)
    width = min(image.width, round(max(font.getlength(label) for label, _ in texts) + gap + number) + 2 * pad)
    top = image.height - len(rows) * step - 2 * pad
    draw.rectangle((0, top, width - 1, image.height - 1), fill=PANEL)
    for index, ((label, score), (_, shown)) in enumerate(zip(rows, texts, strict=True)):
        area = (pad, top + pad + index * step, width - pad)
        _row(draw, font, area, label, shown, score, class_color(class_ids[index]))
    return np.array(image)


def _row(
    draw: ImageDraw.ImageDraw,
    font: ImageFont.FreeTypeFont,
    area: tuple[int, int, int],
    label: str,
    shown: str,
    score: float,
    color: tuple[int, int, int],
) -> None:
    """area: left, top, right of one line: its label, its percentage at the right end, its bar below."""
    left, top, right = area
    room = right - left - font.getlength(shown) - font.size * 0.4
    draw.text((left, top), shortened(label, font, room), font=font, fill=(255, 255, 255))
    draw.text((right - font.getlength(shown), top), shown, font=font, fill=(255, 255, 255))
    if right <= left:
        return
    low, thick = top + sum(font.getmetrics()), max(2, round(font.size * 0.18))
    draw.rectangle((left, low, right - 1, low + thick - 1), fill=TRACK)
    if round((right - left) * score) >= 1:
        draw.rectangle((left, low, left + round((right - left) * score) - 1, low + thick - 1), fill=color)


def shortened(text: str, font: ImageFont.FreeTypeFont, room: float) -> str:
    """The text, its end cut off with "…" where it is wider than `room` pixels; "" where nothing fits."""
    if font.getlength(text) <= room:
        return text
    while text and font.getlength(f"{text}…") > room:
        text = text[:-1]
    return f"{text.rstrip()}…" if text else ""
