"""Images with their true and their predicted masks side by side, a row each, for people to judge a model."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw

from dlcli.imaging.drawing.fonts.letters import Letters
from dlcli.imaging.drawing.mask_canvas import draw_mask
from dlcli.imaging.geometry import fit

PANEL = 300  # pixels: the widest and highest that an image is shown
_MARGIN, _LINE, _TEXT = 12, 24, 14
_PAPER, _INK = (250, 250, 248), (32, 34, 38)
VOID = 255


@dataclass(frozen=True)
class SheetRow:
    """pixels: uint8 [H, W, 3]. truth, predicted: uint8 [H, W] of classes, VOID in the truth what does not count."""

    pixels: np.ndarray
    truth: np.ndarray
    predicted: np.ndarray
    caption: str


def draw_sheet(rows: Sequence[SheetRow], labels: Sequence[str], background: int | None) -> np.ndarray:
    """uint8 [h, w, 3]: each row's image, truth and prediction under its caption; VOID is gray."""
    panels = [
        [_shown(row.pixels, mask, labels, background) for mask in (None, row.truth, row.predicted)] for row in rows
    ]
    heights = [trio[0].shape[0] + _LINE + _MARGIN for trio in panels]
    sheet = Image.new("RGB", (3 * PANEL + 4 * _MARGIN, sum(heights) + _LINE + _MARGIN), _PAPER)
    draw, letters, top = ImageDraw.Draw(sheet), Letters(_TEXT), _LINE + _MARGIN // 2
    for i, title in enumerate(("image", "truth", "prediction")):
        letters.draw(draw, (_MARGIN + i * (PANEL + _MARGIN), _MARGIN // 2), title, _INK)
    for row, trio, height in zip(rows, panels, heights, strict=True):
        letters.draw(draw, (_MARGIN, top), letters.shortened(row.caption, 3 * PANEL, keep="ends"), _INK)
        for i, panel in enumerate(trio):
            sheet.paste(Image.fromarray(panel), (_MARGIN + i * (PANEL + _MARGIN), top + _LINE))
        top += height
    return np.array(sheet)


def _shown(pixels: np.ndarray, mask: np.ndarray | None, labels: Sequence[str], background: int | None) -> np.ndarray:
    """The image, fitted into a panel, with the mask drawn on it."""
    small, _ = fit(pixels, (PANEL, PANEL))
    if mask is None:
        return small
    less = cv2.resize(mask, small.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    names = {int(i): labels[i] for i in np.unique(less) if i < len(labels) and i != background}
    return draw_mask(np.where((less == VOID)[..., None], np.uint8(160), small), less, names)
