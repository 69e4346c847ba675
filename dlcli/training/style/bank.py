"""What is known of some thousands of styles: statistics, Gram matrices and colors, each computed once and used often."""

import random
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from dlcli.nets.any_style import statistics
from dlcli.nets.lite_features import CHANNELS, LiteFeatures
from dlcli.style.features import gram
from dlcli.tasks.style_transfer.colors import Palette
from dlcli.tasks.style_transfer.optimize import to_image


@dataclass(frozen=True)
class KnownStyle:
    """statistics: float32 [2048]. grams: the upper triangle of each layer's Gram matrix over its root mean square,
    float16 [sum of C * (C + 1) / 2]. scales: those root mean squares, float32 [layers].
    """

    statistics: Tensor
    grams: Tensor
    scales: Tensor
    palette: Palette

    @classmethod
    def of(cls, view: np.ndarray, features: LiteFeatures) -> "KnownStyle":
        """Of uint8 [H, W, 3]."""
        with torch.no_grad():
            found = features.of(to_image(view).contiguous(memory_format=torch.channels_last))
            matrices = [gram(layer)[0] for layer in found]
        scales = torch.stack([matrix.square().mean().sqrt().clamp_min(1e-12) for matrix in matrices])
        flat = [(m / s)[tuple(torch.triu_indices(*m.shape))] for m, s in zip(matrices, scales, strict=True)]
        return cls(statistics(found)[0], torch.cat(flat).half(), scales, Palette.of(view))


def gram_matrices(styles: list[KnownStyle]) -> list[Tensor]:
    """The Gram matrices of a batch of styles: [B, C, C] of each layer."""
    found, start = [], 0
    for number, channels in enumerate(CHANNELS):
        row, column = torch.triu_indices(channels, channels)
        matrix = torch.empty(len(styles), channels, channels)
        flat = torch.stack([style.grams[start : start + len(row)] for style in styles]).float()
        flat *= torch.stack([style.scales[number] for style in styles])[:, None]
        matrix[:, row, column] = matrix[:, column, row] = flat
        found.append(matrix)
        start += len(row)
    return found


class StyleBank:
    """Up to `capacity` styles. draw: a new view, uint8 [H, W, 3]. Each `renew` adds one, or takes the oldest's place."""

    def __init__(self, features: LiteFeatures, draw: Callable[[random.Random], np.ndarray], capacity: int):
        self.features, self.draw, self.capacity = features, draw, capacity
        self.styles: list[KnownStyle] = []
        self._next = 0

    def renew(self, dice: random.Random) -> None:
        style = KnownStyle.of(self.draw(dice), self.features)
        if len(self.styles) < self.capacity:
            self.styles.append(style)
            return
        self.styles[self._next] = style
        self._next = (self._next + 1) % self.capacity

    def sample(self, count: int, dice: random.Random) -> list[KnownStyle]:
        return dice.sample(self.styles, count)

    def statistics(self) -> Tensor:
        """Of all, [N, 2048]."""
        return torch.stack([style.statistics for style in self.styles])
