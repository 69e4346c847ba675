"""Losses of the detectors' classes, plain functions of logits and targets. Each returns a sum; the caller divides."""

import torch
import torch.nn.functional as F
from torch import Tensor

from dlcli.ops.matching import BACKGROUND, IGNORED
from dlcli.training.detect.focal_background import focal_background


def focal_loss(
    logits: Tensor, classes: Tensor, wanted: Tensor, unsure: Tensor, alpha: float = 0.25, gamma: float = 2.0
) -> Tensor:
    """Focal loss (arXiv:1708.02002), summed: logits [M, C]; the others as in samples.Targets, M for A -> scalar.

    Each (anchor, class) is a yes-or-no question: the answer yes costs alpha (1 - p)^gamma (-log p), the answer no
    (1 - alpha) p^gamma (-log(1 - p)). A wanted score q costs alpha |q - p|^gamma (-q log p - (1 - q) log(1 - p)),
    which is the same for q = 1 (quality focal loss, arXiv:2006.04388).
    """
    rows = torch.nonzero(classes >= 0).squeeze(1)
    skipped = unsure | (classes == IGNORED).unsqueeze(1)  # [M, C]
    skipped[rows, classes[rows]] = True
    yes, score = logits[rows, classes[rows]].float(), wanted[rows]  # [P]
    cost = F.binary_cross_entropy_with_logits(yes, score, reduction="none")
    hit = (score - torch.sigmoid(yes)).abs().pow(gamma) * cost
    return (1 - alpha) * focal_background(logits, skipped, gamma) + alpha * hit.sum()


def mined_cross_entropy(logits: Tensor, classes: Tensor, wanted: Tensor, unsure: Tensor, ratio: int = 3) -> Tensor:
    """Binary cross-entropy on all positive anchors and the hardest negatives, summed (SSD, arXiv:1512.02325).

    logits [M, C]; the others as in samples.Targets, M for A -> scalar. `ratio` negatives are kept for each positive,
    at least 32.
    """
    logits = logits.float()
    target = torch.zeros_like(logits)
    rows = torch.nonzero(classes >= 0).squeeze(1)
    target[rows, classes[rows]] = wanted[rows]
    skipped = unsure.clone()
    skipped[rows, classes[rows]] = False
    loss = F.binary_cross_entropy_with_logits(logits, target, reduction="none").masked_fill(skipped, 0).sum(1)  # [M]
    negatives = loss[classes == BACKGROUND]
    hardest = negatives.topk(min(len(negatives), max(ratio * len(rows), 32))).values
    return loss[rows].sum() + hardest.sum()
