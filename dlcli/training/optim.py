"""The optimiser and the learning rate of each step."""

import math

import torch
from torch import nn
from torch.optim import AdamW, Optimizer

Group = dict[str, object]


def build_adamw(net: nn.Module, backbone: nn.Module | None, lr: float, backbone_lr: float, decay: float) -> AdamW:
    """AdamW (arXiv:1711.05101): its own rate for the backbone, no weight decay on norms and biases."""
    early = {id(p) for p in backbone.parameters()} if backbone is not None else set()
    groups: list[Group] = []
    trained = [p for p in net.parameters() if p.requires_grad]
    for is_backbone, rate in ((True, backbone_lr), (False, lr)):
        for is_matrix, weight_decay in ((True, decay), (False, 0.0)):
            params = [p for p in trained if (id(p) in early) == is_backbone and (p.ndim > 1) == is_matrix]
            if params:
                groups.append({"params": params, "lr": rate, "peak_lr": rate, "weight_decay": weight_decay})
    return AdamW(groups, foreach=True)


def schedule(step: int, steps: int, warmup: int, floor: float = 0.01) -> float:
    """The share of the peak rate at step 0 ... steps - 1: a straight rise over `warmup` steps, then half a cosine.

    The first step after the rise has share 1; the cosine would be at `floor` at step `steps` (arXiv:1608.03983).
    """
    if step < warmup:
        return (step + 1) / warmup
    done = (step - warmup) / max(1, steps - warmup)
    return floor + (1 - floor) * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def set_rate(optimizer: Optimizer, share: float) -> None:
    """Every group's rate becomes `share` of its peak."""
    for group in optimizer.param_groups:
        group["lr"] = group["peak_lr"] * share


def clip_gradients(net: nn.Module, norm: float) -> float:
    """Scale all gradients so that their common norm is at most `norm`; the norm they had. norm 0: leave them."""
    params = [p for p in net.parameters() if p.grad is not None]
    return float(torch.nn.utils.clip_grad_norm_(params, norm or math.inf, foreach=True))
