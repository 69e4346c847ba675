"""`--box-loss`: what a box costs, by name. Each is summed over P boxes; the caller divides."""

from collections.abc import Callable
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from dlcli.training.detect.options import BoxLoss


class Kind(NamedTuple):
    """function: float32 [P, 4] twice -> scalar. of_boxes: of xyxy in pixels, else of offsets from the anchor."""

    function: Callable[[Tensor, Tensor], Tensor]
    of_boxes: bool = False


def giou_loss(boxes: Tensor, targets: Tensor) -> Tensor:
    """1 - GIoU (arXiv:1902.09630), summed: xyxy [P, 4] each -> scalar.

    GIoU = IoU - (hull - union) / hull, where hull is the smallest box around both.
    """
    shared = _area(torch.maximum(boxes[:, :2], targets[:, :2]), torch.minimum(boxes[:, 2:], targets[:, 2:]))
    union = _area(boxes[:, :2], boxes[:, 2:]) + _area(targets[:, :2], targets[:, 2:]) - shared
    hull = _area(torch.minimum(boxes[:, :2], targets[:, :2]), torch.maximum(boxes[:, 2:], targets[:, 2:]))
    giou = shared / union.clamp(min=1e-6) - (hull - union) / hull.clamp(min=1e-6)
    return (1 - giou).sum()


def _area(top_left: Tensor, bottom_right: Tensor) -> Tensor:
    return (bottom_right - top_left).clamp(min=0).prod(1)


def l1_loss(offsets: Tensor, targets: Tensor) -> Tensor:
    """|x - t|."""
    return F.l1_loss(offsets, targets, reduction="sum")


def smooth_l1_loss(offsets: Tensor, targets: Tensor, beta: float = 1.0) -> Tensor:
    """0.5 d^2 / beta where d = |x - t| is below beta, else d - beta / 2 (Fast R-CNN, arXiv:1504.08083)."""
    return F.smooth_l1_loss(offsets, targets, beta=beta, reduction="sum")


def huber_loss(offsets: Tensor, targets: Tensor, delta: float = 0.5) -> Tensor:
    """0.5 d^2 where d = |x - t| is below delta, else delta (d - delta / 2) (Huber, 1964): delta times smooth L1."""
    return F.huber_loss(offsets, targets, delta=delta, reduction="sum")


BOX_LOSSES: dict[BoxLoss, Kind] = {
    BoxLoss.GIOU: Kind(giou_loss, of_boxes=True),
    BoxLoss.L1: Kind(l1_loss),
    BoxLoss.SMOOTH_L1: Kind(smooth_l1_loss),
    BoxLoss.HUBER: Kind(huber_loss),
}
