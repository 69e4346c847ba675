"""Soft Dice of class masks: 1 minus the overlap of probabilities with the truth (V-Net, arXiv:1606.04797).

Two masks that are empty alike have Dice 1. In a mean over classes, one that neither mask holds has no value and is
left out (ops/masks.py has the rule for the metric too). Probabilities are never quite 0, so here a class counts as
absent where the truth does not hold it; what is wrongly taken for it is missing from the class that it truly is.
"""

import torch
from torch import Tensor

from dlcli.data.masks import VOID


def dice_loss(
    logits: Tensor,
    target: Tensor,
    class_weights: Tensor | None = None,
    per_image: bool = False,
    smooth: float = 0.0,
    ignore_index: int = VOID,
) -> Tensor:
    """Logits [B, C, H, W], target int64 [B, H, W] of classes or ignore_index -> scalar in [0, 1].

    The mean of 1 - Dice over the classes that the truth holds, weighted by class_weights [C]. per_image: each
    image's classes by themselves, then the mean over images that have any; else the batch is one large mask.
    No pixel that counts at all: 0. smooth: see soft_dice.
    """
    counts = (target != ignore_index).unsqueeze(1)  # [B, 1, H, W]
    true = torch.where(counts, target.unsqueeze(1), 0)
    truth = torch.zeros_like(logits).scatter_(1, true, counts.to(logits.dtype))  # [B, C, H, W] of 0 and 1
    seen = logits.softmax(1) * counts
    pixels = (2, 3) if per_image else (0, 2, 3)
    present = (truth.sum(pixels) > 0).to(logits.dtype)  # [B, C] or [C]
    weights = present if class_weights is None else present * class_weights
    losses = ((1 - soft_dice(seen, truth, pixels, smooth)) * weights).sum(-1)
    totals = weights.sum(-1)
    has_any = totals > 0
    means = losses / torch.where(has_any, totals, 1.0)  # [B] or a scalar
    return means.sum() / has_any.sum().clamp(min=1)


def soft_dice(x: Tensor, y: Tensor, dims: tuple[int, ...], smooth: float = 0.0) -> Tensor:
    """(2 sum(x y) + smooth) / (sum x + sum y + smooth) over `dims`; 1 where both are empty. x, y: in [0, 1].

    smooth: pixels that both are given; above 0 it makes small masks count less.
    """
    total = x.sum(dims) + y.sum(dims) + smooth
    shared = 2 * (x * y).sum(dims) + smooth
    return torch.where(total > 0, shared / torch.where(total > 0, total, 1.0), 1.0)
