"""An exponential moving average of a network's weights: steadier than the weights of any one step."""

import copy

import torch
from torch import Tensor, nn


class Ema:
    """average <- d * average + (1 - d) * net after each step t, where d = min(decay, (1 + t) / (10 + t)).

    Batch statistics are averaged too; whole-number buffers are copied. A tensor that two layers share moves once.
    """

    def __init__(self, net: nn.Module, decay: float = 0.999):
        self.net = copy.deepcopy(net).eval().requires_grad_(False)
        self.decay = decay
        self.steps = 0

    @torch.no_grad()
    def update(self, net: nn.Module) -> None:
        self.steps += 1
        weight = 1 - min(self.decay, (1 + self.steps) / (10 + self.steps))
        pairs = list(zip(_tensors(self.net), _tensors(net), strict=True))
        moving = [pair for pair in pairs if pair[0].dtype.is_floating_point]
        torch._foreach_lerp_([ours for ours, _ in moving], [theirs for _, theirs in moving], weight)
        for ours, theirs in pairs:
            if not ours.dtype.is_floating_point:
                ours.copy_(theirs)


def _tensors(net: nn.Module) -> list[Tensor]:
    """Weights and buffers, shared ones once."""
    return [*net.parameters(), *net.buffers()]
