"""What is known of many styles: statistics, Gram matrices and colors, computed once and used for several steps."""

import random
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from dlcli.frozen import dataclass
from dlcli.nets.any_style import statistics
from dlcli.nets.lite_features import CHANNELS, LiteFeatures
from dlcli.style.features import gram
from dlcli.tasks.style_transfer.colors import Palette
from dlcli.tasks.style_transfer.optimize import to_image

CAPACITY = 2048  # styles in memory, 0.35 MB each


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
            device = next(features.parameters()).device
            found = features.of(to_image(view).to(device).contiguous(memory_format=torch.channels_last))
            matrices = [gram(layer)[0] for layer in found]
        scales = torch.stack([matrix.square().mean().sqrt().clamp_min(1e-12) for matrix in matrices])
        flat = [(m / s)[tuple(torch.triu_indices(*m.shape))] for m, s in zip(matrices, scales, strict=True)]
        return cls(statistics(found)[0].cpu(), torch.cat(flat).half().cpu(), scales.cpu(), Palette.of(view))


def gram_matrices(styles: list[KnownStyle]) -> list[Tensor]:
    """The Gram matrices of a batch of styles: [B, C, C] of each layer."""
    found, start = [], 0
    for number, channels in enumerate(CHANNELS):
        row, column = torch.triu_indices(channels, channels)
        flat = torch.stack([style.grams[start : start + len(row)] for style in styles]).float()
        flat *= torch.stack([style.scales[number] for style in styles])[:, None]
        matrix = flat.new_empty(len(styles), channels, channels)
        matrix[:, row, column] = matrix[:, column, row] = flat
        found.append(matrix)
        start += len(row)
    return found


class StyleBank:
    """Styles by number, each computed when it is first asked for; a step chooses from CAPACITY of them.

    draw: of a number, a view uint8 [H, W, 3]. With each step one style is new and the oldest goes. A choice depends on
    the step alone, so that a training that goes on learns from what it would have learned from.
    """

    def __init__(self, features: LiteFeatures, draw: Callable[[int], np.ndarray], capacity: int = CAPACITY):
        self.features, self.draw, self.capacity = features, draw, capacity
        self._known: dict[int, KnownStyle] = {}

    def sample(self, step: int, count: int, dice: random.Random) -> list[KnownStyle]:
        """`count` styles of those from number `step` on."""
        for number in [number for number in self._known if number < step]:
            del self._known[number]
        return [self[step + number] for number in dice.sample(range(self.capacity), count)]

    def __getitem__(self, number: int) -> KnownStyle:
        if number not in self._known:
            self._known[number] = KnownStyle.of(self.draw(number), self.features)
        return self._known[number]

    def statistics(self, count: int) -> Tensor:
        """Of the first ones, [count, 2048]."""
        return torch.stack([self[number].statistics for number in range(count)])
