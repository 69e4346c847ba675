"""Temporal ensembling: an image's answer should be that of earlier epochs, averaged (arXiv:1610.02242, section 2.2).

One view and one pass an image, half the work of the Pi model, and a target that is steadier; its price is a memory of
one row of probabilities an image.
"""

from typing import Any

import torch
from torch import Tensor, nn

MOMENTUM = 0.6  # alpha of the paper


class TemporalEnsembling:
    """See agreement.Agreement. images: how many there are. classes: of an answer."""

    def __init__(self, images: int, classes: int):
        self.average = torch.zeros(images, classes)  # Z of the paper
        self.seen = torch.zeros(images, dtype=torch.int64)  # how often each image was answered

    def target(self, net: nn.Module, answer: Tensor, other: Tensor, index: Tensor) -> tuple[Tensor, Tensor]:
        """Z / (1 - alpha^t), which is 0 at the first time and then counts for nothing; then Z takes the answer in."""
        index = index.to(self.average.device)
        before, times = self.average[index], self.seen[index]  # [B, C], [B]
        scale = (1 - MOMENTUM**times).clamp(min=1e-6).unsqueeze(1)
        self.average[index] = MOMENTUM * before + (1 - MOMENTUM) * answer.detach().to(self.average)
        self.seen[index] += 1
        return (before / scale).to(answer), (times > 0).to(answer)

    def memory(self) -> dict[str, Any]:
        return {"average": self.average, "seen": self.seen}
