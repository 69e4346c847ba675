"""Draws class masks on a picture for people to look at: tinted, with a thin outline and the class's name on it."""

import math
from collections.abc import Mapping

import cv2
import numpy as np
from PIL import Image, ImageDraw

from dlcli.imaging.canvas import load_font
from dlcli.imaging.palette import class_colour, readable_on

TINT = 0.5  # how much of a pixel is its class's colour
RIM = 0.35  # how dark the outline is on the side of the background
LARGEST_SEARCHED = 512  # side at which the place of a name is looked for
LEAST_NAMED = 0.003  # share of the picture that a class must cover to have its name written


def draw_mask(pixels: np.ndarray, mask: np.ndarray, names: Mapping[int, str]) -> np.ndarray:
    """A copy of RGB uint8 [H, W, 3] with the classes in `names` drawn; the other pixels stay as they are.

    mask: uint8 [H, W]. names: what is written on each class, in its largest part; "" for nothing.
    """
    shown = np.zeros(256, bool)
    colours = np.zeros((256, 1, 3), np.uint8)
    for class_id in names:
        shown[class_id], colours[class_id] = True, class_colour(class_id)
    tint = cv2.LUT(cv2.merge([mask] * 3), colours)
    blend = cv2.addWeighted(pixels, 1 - TINT, tint, TINT, 0)
    inside = shown[mask]
    unit = math.sqrt(mask.size) / 100
    kernel = np.ones((1 + 2 * max(1, round(unit / 8)),) * 2, np.uint8)
    edge = cv2.morphologyEx(mask, cv2.MORPH_GRADIENT, kernel) > 0
    drawn = np.where(inside[..., None], blend, pixels)
    np.copyto(drawn, tint, where=(edge & inside)[..., None])
    rim = edge & ~inside & (cv2.dilate(inside.astype(np.uint8), kernel) > 0)
    drawn[rim] = (drawn[rim] * (1 - RIM)).astype(np.uint8)
    image = Image.fromarray(drawn)
    for class_id, name in names.items():
        if name:
            _write(image, mask == class_id, name, class_id, unit)
    return np.array(image)


def cut_out(pixels: np.ndarray, inside: np.ndarray) -> np.ndarray:
    """RGBA uint8 [h, w, 4]: the smallest part of the picture that holds all of bool [H, W], the rest transparent."""
    rows, columns = np.flatnonzero(inside.any(1)), np.flatnonzero(inside.any(0))
    part = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    alpha = np.where(inside[part], 255, 0).astype(np.uint8)
    return np.dstack([pixels[part] * (alpha[..., None] > 0), alpha])


def _write(image: Image.Image, inside: np.ndarray, name: str, class_id: int, unit: float) -> None:
    """The name on a tag in the class's colour, its middle where the class is widest."""
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
    colour = class_colour(class_id)
    draw.rounded_rectangle((left, top, left + width - 1, top + height - 1), max(2, round(font.size / 5)), fill=colour)
    draw.text((left + pad[0], top + pad[1]), name, font=font, fill=readable_on(colour))


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
