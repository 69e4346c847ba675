"""Images with their true and their predicted boxes side by side, a row each, for people to judge a model."""

from collections.abc import Sequence

import numpy as np

from dlcli.frozen import dataclass
from dlcli.imaging.drawing.canvas import draw_boxes
from dlcli.imaging.drawing.fonts.labels import DrawnLabels
from dlcli.imaging.drawing.pen import Pen
from dlcli.imaging.drawing.row_sheet import PANEL, row_sheet
from dlcli.imaging.geometry import fit
from dlcli.records import Boxes


@dataclass(frozen=True)
class BoxRow:
    """pixels: uint8 [H, W, 3]. truth, predicted: in pixels of the image; scores of a truth are not shown."""

    pixels: np.ndarray
    truth: Boxes
    predicted: Boxes
    caption: str


def draw_sheet(rows: Sequence[BoxRow], labels: Sequence[str], least: float) -> np.ndarray:
    """uint8 [h, w, 3]: each row's truth and prediction under its caption. least: the lowest score among the latter."""
    written = DrawnLabels(labels)
    shown = [(row.caption, [_shown(row.pixels, *side, labels, written) for side in _sides(row)]) for row in rows]
    return row_sheet(("truth", f"prediction, scores from {least}"), shown)


def _sides(row: BoxRow) -> tuple[tuple[Boxes, Pen], tuple[Boxes, Pen]]:
    return (row.truth, Pen(scores=False)), (row.predicted, Pen())


def _shown(pixels: np.ndarray, boxes: Boxes, pen: Pen, labels: Sequence[str], written: Sequence[str]) -> np.ndarray:
    """The image, fitted into a panel, with the boxes drawn on it."""
    small, placement = fit(pixels, (PANEL, PANEL))
    scale = np.array([placement.scale_x, placement.scale_y] * 2, np.float32)
    return draw_boxes(small, Boxes(boxes.xyxy * scale, boxes.scores, boxes.class_ids), labels, pen, written)
