"""Groups of weights, their learning rate, clipping, and the moving average of the weights."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

Group = dict[str, Any]
Tensors = tuple[Tensor, ...] | list[Tensor]


def weight_groups(
    net: nn.Module, backbone: nn.Module | None, lr: float, backbone_lr: float, decay: float
) -> list[Group]:
    """For any optimizer: a rate of its own for the backbone, no weight decay on norms and biases."""
    early = {id(p) for p in backbone.parameters()} if backbone is not None else set()
    groups: list[Group] = []
    trained = [p for p in net.parameters() if p.requires_grad]
    for is_backbone, rate in ((True, backbone_lr), (False, lr)):
        for is_matrix, weight_decay in ((True, decay), (False, 0.0)):
            params = [p for p in trained if (id(p) in early) == is_backbone and (p.ndim > 1) == is_matrix]
            if params:
                groups.append({"params": params, "lr": rate, "peak_lr": rate, "weight_decay": weight_decay})
    return groups


def set_rate(optimizer: Optimizer, share: float) -> None:
    """Every group's rate becomes `share` of its peak."""
    for group in optimizer.param_groups:
        group["lr"] = group["peak_lr"] * share


def clip_gradients(net: nn.Module, norm: float, value: float = 0.0) -> float:
    """Scale all gradients so that their common norm is at most `norm`, then cut each at `value`; the norm they had.

    norm, value 0: leave them (arXiv:1211.5063).
    """
    params = [p for p in net.parameters() if p.grad is not None]
    found = float(torch.nn.utils.clip_grad_norm_(params, norm or math.inf, foreach=True))
    if value:
        torch.nn.utils.clip_grad_value_(params, value, foreach=True)
    return found


def average_of(net: nn.Module, decay: float = 0.999) -> AveragedModel:
    """A copy of the network, `module`, that follows its weights at each `update_parameters`, steadier than any of them.

    average <- d * average + (1 - d) * net after each step t, where d = min(decay, (1 + t) / (10 + t)). Batch statistics
    are averaged too; whole-number buffers are copied. A tensor that two layers share moves once.
    """

    def move(ours: Tensors, theirs: Tensors, _: Tensor | int) -> None:
        if not ours[0].is_floating_point():  # tensors come in lists of one type
            torch._foreach_copy_(ours, theirs)
            return
        step = averaged_steps(average) + 1
        torch._foreach_lerp_(ours, theirs, 1 - min(decay, (1 + step) / (10 + step)))

    average = AveragedModel(net, multi_avg_fn=move, use_buffers=True)
    set_averaged_steps(average, 0)
    average.module.eval().requires_grad_(False)
    return average


def averaged_steps(average: AveragedModel) -> int:
    """The steps that it has followed. The weights at the start count as one for torch, which else drops them."""
    return int(average.n_averaged) - 1  # it stays on the CPU, whatever the network is on


def set_averaged_steps(average: AveragedModel, steps: int) -> None:
    average.n_averaged.fill_(steps + 1)
