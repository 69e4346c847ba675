"""Draws found boxes on an image for people to look at: a frame in the class's color and a tag "dog 93%"."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from dlcli.imaging.drawing.palette import Color, class_color, readable_on
from dlcli.records import Boxes

_Area = tuple[int, int, int, int]  # x1, y1, x2, y2, exclusive


def draw_boxes(pixels: np.ndarray, boxes: Boxes, labels: Sequence[str]) -> np.ndarray:
    """A copy of RGB uint8 [H, W, 3] with each box drawn; line and letters grow with the image.

    labels: the class names, by class id. Frames come first, the best box's last, then the tags, so that no frame
    crosses a tag. A tag stands above its box, or wherever it stays inside the image and off the other tags.
    """
    image = Image.fromarray(np.ascontiguousarray(pixels))
    draw = ImageDraw.Draw(image, "RGBA")
    unit = math.sqrt(image.width * image.height) / 100
    order = np.argsort(boxes.scores, kind="stable")
    for index in order:
        _frame(draw, boxes.xyxy[index], class_color(int(boxes.class_ids[index])), unit)
    tags: list[_Tag] = []
    for index in order[::-1]:  # the best box chooses its tag's place first
        class_id = int(boxes.class_ids[index])
        text = f"{labels[class_id]} {boxes.scores[index]:.0%}"
        tags.append(_lay_out(boxes.xyxy[index], text, class_color(class_id), image.size, unit, tags))
    for tag in reversed(tags):
        tag.draw(draw)
    return np.array(image)


def _frame(draw: ImageDraw.ImageDraw, box: np.ndarray, color: Color, unit: float) -> None:
    """The line lies inside the box's edge, with a thin dark rim that keeps it visible on its own color."""
    x1, y1, x2, y2 = _whole(box)
    width = _line_width(unit)
    rim = max(1, width // 3)
    draw.rectangle((x1 - rim, y1 - rim, x2 - 1 + rim, y2 - 1 + rim), outline=(0, 0, 0, 110), width=rim)
    draw.rectangle((x1, y1, x2 - 1, y2 - 1), outline=color, width=width)
    inner = width + rim
    if x2 - x1 > 4 * inner and y2 - y1 > 4 * inner:
        edge = (x1 + width, y1 + width, x2 - 1 - width, y2 - 1 - width)
        draw.rectangle(edge, outline=(0, 0, 0, 70), width=rim)


@dataclass(frozen=True)
class _Tag:
    area: _Area
    text: str
    color: Color
    font: ImageFont.FreeTypeFont
    pad: tuple[int, int]

    def draw(self, draw: ImageDraw.ImageDraw) -> None:
        x1, y1, x2, y2 = self.area
        draw.rounded_rectangle((x1, y1, x2 - 1, y2 - 1), max(2, round(self.font.size / 5)), fill=self.color)
        where = (x1 + self.pad[0], y1 + self.pad[1])
        draw.text(where, self.text, font=self.font, fill=readable_on(self.color))


def _lay_out(
    box: np.ndarray, text: str, color: Color, size: tuple[int, int], unit: float, others: Sequence[_Tag]
) -> _Tag:
    font = load_font(max(10, min(72, round(2.9 * unit))))
    pad = max(2, round(font.size * 0.35)), max(1, round(font.size * 0.18))
    text = _shortened(text, font, size[0] - 2 * pad[0])
    ascent, descent = font.getmetrics()
    width, height = math.ceil(font.getlength(text)) + 2 * pad[0], ascent + descent + 2 * pad[1]
    area = _place(_whole(box), (width, height), size, [other.area for other in others])
    return _Tag(area, text, color, font, pad)


def _place(box: _Area, tag: tuple[int, int], size: tuple[int, int], taken: Sequence[_Area]) -> _Area:
    """Above the box, inside its top, below it, inside its bottom, at its left or right end: the first free place
    inside the image, else the one that covers the least of other tags."""
    x1, y1, x2, y2 = box
    tops = [top for top in (y1 - tag[1], y1, y2, y2 - tag[1]) if 0 <= top <= size[1] - tag[1]]
    tops = tops or [max(0, min(y1, size[1] - tag[1]))]
    lefts = [max(0, min(left, size[0] - tag[0])) for left in (x1, x2 - tag[0])]
    areas = [(left, top, left + tag[0], top + tag[1]) for left in lefts for top in tops]
    return min(areas, key=lambda area: sum(_overlap(area, other) for other in taken))  # the first of equals


def _overlap(a: _Area, b: _Area) -> int:
    """Pixels that two areas share."""
    return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))


def _shortened(text: str, font: ImageFont.FreeTypeFont, room: int) -> str:
    """The text, its middle cut out where the image is narrower than it; the score at its end stays."""
    if font.getlength(text) <= room:
        return text
    name, _, score = text.rpartition(" ")
    while name and font.getlength(f"{name}… {score}") > room:
        name = name[:-1]
    return f"{name}… {score}" if name else score


def _whole(box: np.ndarray) -> _Area:
    """Rounded to pixels, at least one pixel wide and high."""
    x1, y1, x2, y2 = (round(float(v)) for v in box)
    return x1, y1, max(x2, x1 + 1), max(y2, y1 + 1)


def _line_width(unit: float) -> int:
    return max(2, round(0.45 * unit))


@lru_cache(maxsize=16)
def load_font(size: int) -> ImageFont.FreeTypeFont:
    """The one font that drawings use, which Pillow brings, `size` pixels high."""
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType; install the pillow wheel from PyPI")
    return font
