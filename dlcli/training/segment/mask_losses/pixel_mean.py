"""The mean of a loss over the pixels that count, each weighing what its true class weighs."""

import torch
from torch import Tensor


def weighted_mean(losses: Tensor, target: Tensor, class_weights: Tensor | None, ignore_index: int) -> Tensor:
    """losses [B, H, W], weighted already and 0 where ignored; target int64 [B, H, W] -> scalar.

    The sum of the losses by the sum of the weights of the pixels that count; 0 where none does.
    """
    counts = target != ignore_index
    if class_weights is None:
        total = counts.sum().to(losses.dtype)
    else:
        total = (class_weights[torch.where(counts, target, 0)] * counts).sum()
    return losses.sum() / torch.where(total > 0, total, 1.0)
