"""Focal loss of class masks: pixels that are right already count less."""

import torch
from torch import Tensor

from dlcli.data.masks import VOID
from dlcli.training.segment.mask_losses.pixel_mean import weighted_mean


def mask_focal_loss(
    logits: Tensor,
    target: Tensor,
    class_weights: Tensor | None = None,
    gamma: float = 2.0,
    ignore_index: int = VOID,
) -> Tensor:
    """Logits [B, C, H, W], target int64 [B, H, W] of classes or ignore_index -> scalar; 0 where no pixel counts.

    The mean of -w (1 - p)^gamma log p over the pixels that count (arXiv:1708.02002, for one class out of C: p is the
    softmax's probability of the true class, w its class_weights [C] in place of alpha). gamma 0 is cross-entropy.
    """
    counts = target != ignore_index
    true = torch.where(counts, target, 0).unsqueeze(1)  # [B, 1, H, W]
    log_p = logits.log_softmax(1).gather(1, true).squeeze(1)  # [B, H, W]
    losses = -((1 - log_p.exp()) ** gamma) * log_p * counts
    if class_weights is not None:
        losses = losses * class_weights[true.squeeze(1)]
    return weighted_mean(losses, target, class_weights, ignore_index)
