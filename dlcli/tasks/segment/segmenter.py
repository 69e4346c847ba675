"""The segmenter as a function of an image: letterbox, tensor, network, back to the image's own size, classes."""

from collections.abc import Callable

import cv2
import numpy as np

from dlcli.card import ModelCard
from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.imaging.geometry import Placement
from dlcli.tasks.network_input import to_input
from dlcli.tasks.segment.sample import classes_of_pixels

Floats = np.ndarray
Forward = Callable[[Floats], Floats]
NO_CLASS = 255  # the value of pixels that were left out, where the model has no background
MOST_CLASSES = 255


@dataclass(frozen=True)
class Keep:
    """What is kept of what the network says; the rest becomes background.

    class_ids: bool [classes]; None: all. min_share: of the image, that a class must cover.
    """

    class_ids: "np.ndarray | None" = None
    min_share: float = 0.0


class Segmenter:
    """uint8 [H, W, 3] RGB -> uint8 [H, W] of classes.

    forward: float32 [1, 3, h, w] -> logits float32 [classes, h / stride, w / stride]; ONNX Runtime's session, or torch.
    DataError: more classes than a mask of 8 bits can hold.
    """

    def __init__(self, card: ModelCard, forward: Forward):
        if len(card.labels) > MOST_CLASSES:
            raise DataError(f"{card.name}: expected at most {MOST_CLASSES} classes, got {len(card.labels)}")
        self.card, self.forward = card, forward

    def __call__(self, pixels: "np.ndarray", moved: Placement | None = None) -> "np.ndarray":
        """moved: where the image lies in the pixels if --pre moved it; the result then has the image's size."""
        logits, placement = self.logits(pixels)
        return classes_of_pixels(logits, moved.then(placement) if moved else placement)

    def logits(self, pixels: "np.ndarray") -> tuple[Floats, Placement]:
        """Logits float32 [classes, h, w], and where the image lies on their grid, in cells."""
        tensor, placed = to_input(self.card, pixels)
        logits = self.forward(tensor)
        (width, height), (rows, columns) = self.card.input, logits.shape[1:]
        return logits, placed.then(Placement(columns / width, rows / height, 0.0, 0.0, width, height))


def background_of(card: ModelCard) -> int | None:
    """The class id of what is nothing else, None where the model has none."""
    found = card.decoding.get("background", 0)
    return found if isinstance(found, int) and 0 <= found < len(card.labels) else None


def kept(mask: "np.ndarray", keep: Keep, background: int | None) -> "np.ndarray":
    """uint8 [H, W] with what is not kept as background, or NO_CLASS where there is no such class."""
    rest = NO_CLASS if background is None else background
    table = np.arange(256, dtype=np.uint8)
    if keep.class_ids is not None:
        table[: len(keep.class_ids)][~keep.class_ids] = rest
    if keep.min_share > 0:
        shares = np.bincount(mask.ravel(), minlength=256) / mask.size
        table[shares < keep.min_share] = rest
    if background is not None:
        table[background] = background
    return mask if (table == np.arange(256)).all() else np.asarray(cv2.LUT(mask, table))
