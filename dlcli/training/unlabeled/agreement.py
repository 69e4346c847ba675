"""A training's own loss on labeled images, and beside it how far answers on unlabeled ones are from agreeing.

S. Laine, T. Aila, "Temporal Ensembling for Semi-Supervised Learning" (arXiv:1610.02242).
"""

import math
from collections.abc import Callable
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from dlcli.frozen import dataclass
from dlcli.training.loop import LossTerms

RISE = 0.3  # of the run, in which the weight rises


class Agreement(Protocol):
    """A method: what an answer should agree with, and what it remembers."""

    def target(self, net: nn.Module, answer: Tensor, other: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
        """Probabilities [B, C, ...] to agree with, without a gradient, and float [B], 1 where they are known, else 0.

        answer: probabilities [B, C, ...] for the first view. other: the network's input of the second view.
        index: int64 [B], which images. Called once a step.
        """

    def memory(self) -> dict[str, Any]:
        """Tensors, changed in place, that a run which goes on needs."""


@dataclass(frozen=True)
class AgreementLoss:
    """Called with the network and a batch of TwoSets: the terms of `loss`, and "unlabeled", a scalar.

    normalized: pixels uint8 [B, 3, S, S] -> the network's input. probabilities: of logits [B, C], or [B, C, h, w].
    steps: int64 scalar, steps done; moved in place. rise: steps over which the weight rises.
    """

    loss: Callable[[Any, Any], LossTerms]
    normalized: Callable[[Tensor], Tensor]
    probabilities: Callable[[Tensor], Tensor]
    method: Agreement
    weight: float
    rise: int
    steps: Tensor

    def __call__(self, net: nn.Module, batch: Any) -> LossTerms:
        labeled, (one, other, index) = batch
        terms = self.loss(net, labeled)
        answer = self.probabilities(net(self.normalized(one)).float())
        target, known = self.method.target(net, answer, self.normalized(other), index)
        apart = ((answer - target) ** 2).flatten(1).mean(1) * known  # [B]
        weight = self.weight * ramp_up(int(self.steps), self.rise)
        self.steps.add_(1)
        return {**terms, "unlabeled": weight * apart.mean()}


def ramp_up(step: int, steps: int) -> float:
    """exp(-5 (1 - t)^2) for t = step / steps, 1 from there on: 0.0067 at first, so that labels lead the way."""
    return math.exp(-5 * (1 - min(1.0, step / max(1, steps))) ** 2)


def new_steps() -> Tensor:
    return torch.zeros((), dtype=torch.int64)
