"""Cross-entropy of class masks."""

import torch.nn.functional as F
from torch import Tensor

from dlcli.data.masks import VOID
from dlcli.training.segment.mask_losses.pixel_mean import weighted_mean


def cross_entropy_loss(
    logits: Tensor,
    target: Tensor,
    class_weights: Tensor | None = None,
    label_smoothing: float = 0.0,
    ignore_index: int = VOID,
) -> Tensor:
    """Logits [B, C, H, W], target int64 [B, H, W] of classes or ignore_index -> scalar; 0 where no pixel counts.

    The mean of -sum_c q_c w_c log p_c over the pixels that count, each weighing class_weights [C] of its true class;
    q is 1 - label_smoothing for the true class plus label_smoothing / C for every one (arXiv:1512.00567).
    """
    losses = F.cross_entropy(
        logits,
        target,
        class_weights,
        ignore_index=ignore_index,
        label_smoothing=label_smoothing,
        reduction="none",
    )  # [B, H, W], weighted, 0 where ignored
    return weighted_mean(losses, target, class_weights, ignore_index)
