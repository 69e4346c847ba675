"""Draws found boxes on an image for people to look at: a frame in the label's color and a tag "dog 0.93"."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from dlcli.imaging.drawing.palette import Color, label_color
from dlcli.imaging.drawing.pen import PLAIN, Pen
from dlcli.imaging.drawing.tags import Area, Label, lay_out
from dlcli.records import Boxes
from dlcli.units import show_score

THICKEST = 0.08  # of a box's shorter side that its line takes, so that small boxes are not filled by it


def draw_boxes(
    pixels: np.ndarray,
    boxes: Boxes,
    labels: Sequence[str],
    pen: Pen = PLAIN,
    written: Sequence[str] | None = None,
) -> np.ndarray:
    """A copy of RGB uint8 [H, W, 3] with each box drawn; line and letters grow with the image.

    labels: the class names, by class id; written: as they are to be written, where that differs. Frames come first, the
    best box's last, then the tags, so that no frame crosses a tag. A tag stands above its box, or wherever it stays
    inside the image and off the other tags; in a crowd they are smaller, and the best boxes' alone, unless the pen has
    a size of letters.
    """
    image = Image.fromarray(np.ascontiguousarray(pixels))
    draw = ImageDraw.Draw(image, "RGBA")
    order = np.argsort(boxes.scores, kind="stable")
    for index in order:
        color = label_color(labels[int(boxes.class_ids[index])])
        _frame(draw, _whole(boxes.xyxy[index]), color, pen.line(*image.size), fixed=pen.line_width is not None)
    tags = _labels(boxes, order[::-1], labels, written or labels, pen)  # the best box chooses its tag's place first
    for tag in reversed(lay_out(tags, image.size, pen.letters(*image.size), pen.font_size is not None)):
        tag.draw(draw)
    return np.array(image)


def _labels(boxes: Boxes, order: np.ndarray, labels: Sequence[str], written: Sequence[str], pen: Pen) -> list[Label]:
    if not pen.labels and not pen.scores:
        return []
    found = []
    for index in order:
        class_id = int(boxes.class_ids[index])
        name = written[class_id] if pen.labels else ""
        score = show_score(float(boxes.scores[index])) if pen.scores else ""
        found.append(Label(_whole(boxes.xyxy[index]), name, score, label_color(labels[class_id])))
    return found


def _frame(draw: ImageDraw.ImageDraw, box: Area, color: Color, width: int, fixed: bool) -> None:
    """The line lies inside the box's edge, with a thin dark rim that keeps it visible on its own color.

    fixed: it is as wide around small boxes too.
    """
    x1, y1, x2, y2 = box
    if not fixed:
        width = min(width, max(1, round(THICKEST * min(x2 - x1, y2 - y1))))
    rim = max(1, width // 3)
    draw.rectangle((x1 - rim, y1 - rim, x2 - 1 + rim, y2 - 1 + rim), outline=(0, 0, 0, 110), width=rim)
    draw.rectangle((x1, y1, x2 - 1, y2 - 1), outline=color, width=width)
    inner = width + rim
    if x2 - x1 > 4 * inner and y2 - y1 > 4 * inner:
        edge = (x1 + width, y1 + width, x2 - 1 - width, y2 - 1 - width)
        draw.rectangle(edge, outline=(0, 0, 0, 70), width=rim)


def _whole(box: np.ndarray) -> Area:
    """Rounded to pixels, at least one pixel wide and high."""
    x1, y1, x2, y2 = (round(float(v)) for v in box)
    return x1, y1, max(x2, x1 + 1), max(y2, y1 + 1)
