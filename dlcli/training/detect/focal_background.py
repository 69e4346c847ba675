"""The focal loss of all that is not there: nearly every (anchor, class) of a batch, in one pass that fits the cache."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

TINY = torch.finfo(torch.float32).tiny
AT_ONCE = 1 << 16  # values, so that those of every step between stay in the cache of a core


def focal_background(logits: Tensor, skipped: Tensor, gamma: float) -> Tensor:
    """The sum of p^gamma (-log(1 - p)) where not skipped, p = sigmoid(logits): logits [...], bool [...] -> float32.

    logits may be bfloat16. There is no second derivative.
    """
    total: Tensor = _Background.apply(logits, skipped, gamma)
    return total


def softplus(x: Tensor) -> Tensor:
    """-log(1 - sigmoid(x)) to within 1e-7, from functions that are eight times as fast on CPU as F.softplus."""
    return torch.maximum(torch.sigmoid(-x).clamp_(min=TINY).log_().neg_(), x)


class _Background(torch.autograd.Function):
    """The gradient is made with the value: both need the same p and log(1 - p)."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, skipped: Tensor, gamma: float) -> Tensor:
        slopes = torch.empty_like(logits, memory_format=torch.contiguous_format)
        parts = [t.reshape(-1).split(AT_ONCE) for t in (logits.detach(), skipped, slopes)]
        total = logits.new_zeros((), dtype=torch.float64)
        for x, skip, slope in zip(*parts, strict=True):
            x = x.float()
            p, cost = torch.sigmoid(x), softplus(x)
            weight = p.pow(gamma).masked_fill_(skip, 0)
            total += (weight * cost).sum()
            # d/dx: gamma p^gamma (1 - p) cost + p^(gamma + 1)
            slope.copy_(weight.mul_(cost.mul_(gamma).mul_(1 - p).add_(p)))
        ctx.save_for_backward(slopes)
        return total.float()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:  # type: ignore[override]
        (slopes,) = ctx.saved_tensors
        return slopes * grad.to(slopes.dtype), None, None
