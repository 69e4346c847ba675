"""Images with their true and their predicted masks side by side, a row each, for people to judge a model."""

from collections.abc import Sequence

import cv2
import numpy as np

from dlcli.frozen import dataclass
from dlcli.imaging.drawing.fonts.labels import DrawnLabels
from dlcli.imaging.drawing.mask_canvas import draw_mask
from dlcli.imaging.drawing.row_sheet import PANEL, row_sheet
from dlcli.imaging.geometry import fit

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
        (row.caption, [_shown(row.pixels, mask, labels, background) for mask in (None, row.truth, row.predicted)])
        for row in rows
    ]
    return row_sheet(("image", "truth", "prediction"), panels)


def _shown(pixels: np.ndarray, mask: np.ndarray | None, labels: Sequence[str], background: int | None) -> np.ndarray:
    """The image, fitted into a panel, with the mask drawn on it."""
    small, _ = fit(pixels, (PANEL, PANEL))
    if mask is None:
        return small
    return draw_truth(small, cv2.resize(mask, small.shape[1::-1], interpolation=cv2.INTER_NEAREST), labels, background)


def draw_truth(pixels: np.ndarray, mask: np.ndarray, labels: Sequence[str], background: int | None) -> np.ndarray:
    """uint8 [H, W, 3]: an image with a mask of its size drawn on it, VOID gray."""
    names = {int(i): labels[i] for i in np.unique(mask) if i < len(labels) and i != background}
    grayed = np.where((mask == VOID)[..., None], np.uint8(160), pixels)
    return draw_mask(grayed, mask, names, written=DrawnLabels(labels))
