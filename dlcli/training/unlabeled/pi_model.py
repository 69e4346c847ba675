"""The Pi model: two views of an image should get one answer (arXiv:1610.02242, section 2.1).

The second view's answer is taken as it is, without a gradient, which halves what a step keeps in memory.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from dlcli.frozen import dataclass


@dataclass(frozen=True)
class PiModel:
    """probabilities: of logits [B, C]. See agreement.Agreement."""

    probabilities: Callable[[Tensor], Tensor]

    def target(self, net: nn.Module, answer: Tensor, other: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
        with torch.no_grad():
            return self.probabilities(net(other).float()), torch.ones(len(answer), device=answer.device)

    def memory(self) -> dict[str, Any]:
        return {}
