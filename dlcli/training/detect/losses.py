"""Losses of the detectors, as plain functions of logits and targets. Each returns a sum; the caller divides."""

import torch
import torch.nn.functional as F
from torch import Tensor

from dlcli.ops.anchors import BACKGROUND, IGNORED


def focal_loss(logits: Tensor, classes: Tensor, alpha: float = 0.25, gamma: float = 2.0) -> Tensor:
    """Focal loss (arXiv:1708.02002), summed: logits [M, C], classes int64 [M] -> scalar.

    classes holds a class, BACKGROUND or IGNORED. Each (anchor, class) is a yes-or-no question: the answer yes
    costs alpha (1 - p)^gamma (-log p), the answer no (1 - alpha) p^gamma (-log(1 - p)).
    The "no" is summed over everything first, then taken back where the answer is "yes": one pass, few copies.
    """
    counted = (classes != IGNORED).to(logits.dtype).unsqueeze(1)  # [M, 1]
    total = (_no(logits, gamma) * counted).sum()
    rows = torch.nonzero(classes >= 0).squeeze(1)
    yes = logits[rows, classes[rows]]  # [P]
    total = total - _no(yes, gamma).sum()
    hit = torch.sigmoid(-yes).pow(gamma) * F.softplus(-yes)
    return (1 - alpha) * total + alpha * hit.sum()


def _no(logits: Tensor, gamma: float) -> Tensor:
    """p^gamma (-log(1 - p))."""
    return torch.sigmoid(logits).pow(gamma) * F.softplus(logits)


def mined_cross_entropy(logits: Tensor, classes: Tensor, ratio: int = 3) -> Tensor:
    """Binary cross-entropy on all positive anchors and the hardest negatives, summed (SSD, arXiv:1512.02325).

    logits [M, C], classes int64 [M] -> scalar. `ratio` negatives are kept for each positive, at least 32.
    """
    target = torch.zeros_like(logits)
    rows = torch.nonzero(classes >= 0).squeeze(1)
    target[rows, classes[rows]] = 1
    loss = F.binary_cross_entropy_with_logits(logits, target, reduction="none").sum(1)  # [M]
    negatives = loss[classes == BACKGROUND]
    hardest = negatives.topk(min(len(negatives), max(ratio * len(rows), 32))).values
    return loss[rows].sum() + hardest.sum()


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


def smooth_l1_loss(offsets: Tensor, targets: Tensor, beta: float = 1.0) -> Tensor:
    """Quadratic below beta, linear above (Fast R-CNN, arXiv:1504.08083), summed: [P, 4] each -> scalar."""
    return F.smooth_l1_loss(offsets, targets, beta=beta, reduction="sum")
