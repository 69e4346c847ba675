"""An exponential moving average of a network's weights: steadier than the weights of any one step."""

import copy

import torch
from torch import nn


class Ema:
    """average <- d * average + (1 - d) * net after each step; d rises from 0.1 to `decay` over the first steps.

    Batch statistics are averaged too; whole-number buffers are copied.
    """

    def __init__(self, net: nn.Module, decay: float = 0.999):
        self.net = copy.deepcopy(net).eval().requires_grad_(False)
        self.decay = decay
        self.steps = 0

    @torch.no_grad()
    def update(self, net: nn.Module) -> None:
        self.steps += 1
        weight = 1 - min(self.decay, (1 + self.steps) / (10 + self.steps))
        averages = dict(self.net.state_dict())
        ours, theirs = [], []
        for name, value in net.state_dict().items():
            if value.dtype.is_floating_point:
                ours.append(averages[name])
                theirs.append(value)
            else:
                averages[name].copy_(value)
        torch._foreach_lerp_(ours, theirs, weight)
