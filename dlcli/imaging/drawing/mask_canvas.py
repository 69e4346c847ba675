"""Draws class masks on an image for people to look at: tinted, with a thin outline and the class's name on it."""

import math
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw

from dlcli.imaging.drawing.canvas import load_font
from dlcli.imaging.drawing.palette import class_color, readable_on

TINT = 0.5  # how much of a pixel is its class's color
RIM = 0.35  # how dark the outline is on the side of the background
STRIP = 1 << 20  # pixels that are drawn on at a time
LARGEST_SEARCHED = 512  # side at which the place of a name is looked for
LEAST_NAMED = 0.003  # share of the image that a class must cover to have its name written


def draw_mask(pixels: np.ndarray, mask: np.ndarray, names: Mapping[int, str]) -> np.ndarray:
    """A copy of RGB uint8 [H, W, 3] with the classes in `names` drawn; the other pixels stay as they are.

    mask: uint8 [H, W]. names: what is written on each class, in its largest part; "" for nothing.
    """
    unit = math.sqrt(mask.size) / 100
    image = Image.fromarray(_tinted(pixels, mask, list(names), reach=max(1, round(unit / 8))))
    for class_id, name in names.items():
        if name:
            _write(image, mask == class_id, name, class_id, unit)
    return np.array(image)


def _tinted(pixels: np.ndarray, mask: np.ndarray, class_ids: Sequence[int], reach: int) -> np.ndarray:
    """The copy, without names; in strips of rows, so that a large image takes little memory. reach: of outlines."""
    drawn = np.ascontiguousarray(pixels).copy()
    height, width = mask.shape
    for top in range(0, height, max(1, STRIP // width)):
        bottom = min(height, top + max(1, STRIP // width))
        above, below = max(0, top - reach), min(height, bottom + reach)  # what an outline in the strip depends on
        inner = slice(top - above, bottom - above)
        _tint(drawn[top:bottom], mask[above:below], inner, class_ids, reach)
    return drawn


def _tint(drawn: np.ndarray, mask: np.ndarray, inner: slice, class_ids: Sequence[int], reach: int) -> None:
    """Draw on uint8 [h, W, 3], a view. mask: uint8 [h + margins, W], whose rows `inner` are those drawn on."""
    shown, colors = np.zeros(256, np.uint8), np.zeros((256, 1, 3), np.uint8)
    for class_id in class_ids:
        shown[class_id], colors[class_id] = 1, class_color(class_id)
    kernel = np.ones((1 + 2 * reach,) * 2, np.uint8)
    within = cv2.LUT(mask, shown)
    edge = (cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, kernel) > 0)[inner]
    near = (cv2.dilate(within, kernel) > 0)[inner]
    inside = within[inner] > 0
    tint = cv2.LUT(cv2.merge([mask[inner]] * 3), colors)
    np.copyto(drawn, cv2.addWeighted(drawn, 1 - TINT, tint, TINT, 0), where=inside[..., None])
    np.copyto(drawn, tint, where=(edge & inside)[..., None])
    rim = edge & near & ~inside
    drawn[rim] = (drawn[rim] * (1 - RIM)).astype(np.uint8)


def cut_out(pixels: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """RGBA uint8 [h, w, 4]: the smallest part of the image that holds all of bool [H, W], the rest transparent."""
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    alpha = np.where(inside[part], 255, 0).astype(np.uint8)
    return np.dstack([pixels[part] * (alpha[..., None] > 0), alpha])


def _write(image: Image.Image, inside: np.ndarray, name: str, class_id: int, unit: float) -> None:
    """The name on a tag in the class's color, its middle where the class is widest."""
    if inside.mean() < LEAST_NAMED:
        return
    draw = ImageDraw.Draw(image)
    font = load_font(max(10, min(72, round(2.9 * unit))))
    ascent, descent = font.getmetrics()
    pad = round(font.size * 0.35), round(font.size * 0.18)
    width, height = math.ceil(font.getlength(name)) + 2 * pad[0], ascent + descent + 2 * pad[1]
    x, y = _widest(inside)
    left = max(0, min(round(x - width / 2), image.width - width))
    top = max(0, min(round(y - height / 2), image.height - height))
    color = class_color(class_id)
    draw.rounded_rectangle((left, top, left + width - 1, top + height - 1), max(2, round(font.size / 5)), fill=color)
    draw.text((left + pad[0], top + pad[1]), name, font=font, fill=readable_on(color))


def _widest(inside: np.ndarray) -> tuple[float, float]:
    """(x, y) of the middle of the largest circle inside bool [H, W], to about a pixel."""
    scale = min(1.0, LARGEST_SEARCHED / max(inside.shape))
    size = max(1, round(inside.shape[1] * scale)), max(1, round(inside.shape[0] * scale))
    small = cv2.resize(inside.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST)
    if not small.any():
        rows, columns = np.nonzero(inside)
        return float(columns[0]), float(rows[0])
    distance = cv2.distanceTransform(cv2.copyMakeBorder(small, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 3)
    y, x = np.unravel_index(distance.argmax(), distance.shape)
    return (x - 0.5) / scale, (y - 0.5) / scale
