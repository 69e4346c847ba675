"""The detector as a function of an image: letterbox, tensor, network, decode, back to the image."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from dlcli.card import ModelCard
from dlcli.frozen import dataclass
from dlcli.imaging.geometry import unchanged
from dlcli.ops.boxes import Floats
from dlcli.records import Boxes
from dlcli.runtime.tensor import to_tensor
from dlcli.tasks.detect.decoders import decoder_of, takes_images_whole
from dlcli.tasks.network_input import to_input

Forward = Callable[[Floats], Any]


@dataclass(frozen=True)
class Limits:
    """What is kept of what the network finds: scores from `conf`, overlaps up to `iou`, the best `max_det` boxes.

    class_ids: bool [classes], which are asked for; None: all.
    """

    conf: float = 0.25
    iou: float = 0.45
    max_det: int = 300
    class_ids: "np.ndarray | None" = None


EVAL_LIMITS = Limits(conf=0.01, iou=0.5, max_det=300)  # for average precision, which wants the unsure ones too


@dataclass(frozen=True)
class Found:
    """Boxes best first; truncated: there were more than `max_det`."""

    boxes: Boxes
    truncated: bool


class Detector:
    """uint8 [H, W, 3] RGB -> Found.

    forward: float32 [1, 3, h, w] -> what the card's decoder takes: logits [A, classes] and offsets [A, 4], unless the
    network is another's (see decoders.py); ONNX Runtime's session, or torch.
    """

    def __init__(self, card: ModelCard, forward: Forward, limits: Limits):
        self.card, self.forward, self.limits = card, forward, limits
        self.decode, self.whole = decoder_of(card), takes_images_whole(card)

    def __call__(self, pixels: "np.ndarray") -> Found:
        return self.limit(self.boxes(pixels))

    def boxes(self, pixels: "np.ndarray") -> Boxes:
        """Every box above `conf` after NMS, in pixels of the given image."""
        if self.whole:
            tensor, placement = to_tensor(pixels, self.card.mean, self.card.std), unchanged(pixels)
        else:
            tensor, placement = to_input(self.card, pixels)
        found = self.decode(self.forward(tensor), self.limits.class_ids, self.limits.conf, self.limits.iou)
        found = replace(found, xyxy=placement.to_source(found.xyxy))
        size = found.xyxy[:, 2:] - found.xyxy[:, :2]
        return found[(size > 0).all(1)]

    def limit(self, boxes: Boxes) -> Found:
        return Found(boxes[: self.limits.max_det], len(boxes) > self.limits.max_det)
