"""Draws class masks on an image for people to look at: tinted, with a thin outline and the class's name on it."""

import math
from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw

from dlcli.imaging.drawing.fonts.letters import Letters
from dlcli.imaging.drawing.palette import label_color, readable_on
from dlcli.imaging.drawing.pen import PLAIN, Pen
from dlcli.imaging.drawing.tags import LEAST, SHRINKS, padding

TINT = 0.5  # how much of a pixel is its class's color
RIM = 0.35  # how dark the outline is on the side of the background
STRIP = 1 << 20  # pixels that are drawn on at a time
LARGEST_SEARCHED = 512  # side at which the place of a name is looked for
LEAST_NAMED = 0.003  # share of the image that a class must cover to have its name written
MOST_HIDDEN = 0.3  # of a class's area, by its name


def draw_mask(
    pixels: np.ndarray,
    mask: np.ndarray,
    labels: Mapping[int, str],
    pen: Pen = PLAIN,
    written: Sequence[str] | None = None,
) -> np.ndarray:
    """A copy of RGB uint8 [H, W, 3] with the classes in `labels` drawn; the other pixels stay as they are.

    mask: uint8 [H, W]. labels: of each class, written in its largest part. written: by class id, the labels as they are
    to be written, where that differs. Names are smaller on small classes, and left out where they would hide one,
    unless the pen has a size of letters.
    """
    reach = pen.line_width or max(1, round(math.sqrt(mask.size) / 800))
    image = Image.fromarray(_tinted(pixels, mask, labels, reach))
    for class_id, label in labels.items():
        if pen.labels:
            _write(image, mask == class_id, label, label if written is None else written[class_id], pen)
    return np.array(image)


def _tinted(pixels: np.ndarray, mask: np.ndarray, labels: Mapping[int, str], reach: int) -> np.ndarray:
    """The copy, without names; in strips of rows, so that a large image takes little memory. reach: of outlines."""
    drawn = np.ascontiguousarray(pixels).copy()
    height, width = mask.shape
    for top in range(0, height, max(1, STRIP // width)):
        bottom = min(height, top + max(1, STRIP // width))
        above, below = max(0, top - reach), min(height, bottom + reach)  # what an outline in the strip depends on
        inner = slice(top - above, bottom - above)
        _tint(drawn[top:bottom], mask[above:below], inner, labels, reach)
    return drawn


def _tint(drawn: np.ndarray, mask: np.ndarray, inner: slice, labels: Mapping[int, str], reach: int) -> None:
    """Draw on uint8 [h, W, 3], a view. mask: uint8 [h + margins, W], whose rows `inner` are those drawn on."""
    shown, colors = np.zeros(256, np.uint8), np.zeros((256, 1, 3), np.uint8)
    for class_id, label in labels.items():
        shown[class_id], colors[class_id] = 1, label_color(label)
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


def _write(image: Image.Image, inside: np.ndarray, label: str, name: str, pen: Pen) -> None:
    """The name on a tag in the label's color, its middle where the class is widest."""
    area = int(inside.sum())
    if area < LEAST_NAMED * inside.size:
        return
    letters = _letters(pen, image.size, name, area)
    if letters is None:
        return
    across, down = padding(letters)
    width, height = math.ceil(letters.length(name)) + 2 * across, letters.height + 2 * down
    x, y = _widest(inside)
    left = max(0, min(round(x - width / 2), image.width - width))
    top = max(0, min(round(y - height / 2), image.height - height))
    color, draw = label_color(label), ImageDraw.Draw(image)
    draw.rounded_rectangle((left, top, left + width - 1, top + height - 1), max(2, round(letters.size / 5)), fill=color)
    letters.draw(draw, (left + across, top + down), name, readable_on(color))


def _letters(pen: Pen, size: tuple[int, int], name: str, area: int) -> Letters | None:
    """The largest that hide little of a class of `area` pixels; None where the smallest hide much of it."""
    whole = pen.letters(*size)
    if pen.font_size:
        return Letters(whole)
    for shrink in SHRINKS:
        letters = Letters(min(whole, max(LEAST, round(whole * shrink))))
        across, down = padding(letters)
        wide = letters.length(name) + 2 * across
        if wide <= size[0] and wide * (letters.height + 2 * down) <= MOST_HIDDEN * area:
            return letters
    return None


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
