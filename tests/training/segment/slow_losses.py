"""The losses of class masks as slow NumPy loops."""

import numpy as np
import torch
from torch import Tensor


def random_masks(
    seed: int = 0, classes: int = 4, batch: int = 3, void: bool = False, used: int | None = None
) -> tuple[Tensor, Tensor]:
    """logits float64 [B, C, 9, 7], target int64 [B, 9, 7] of the first `used` classes, with 255 where void."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 2, (batch, classes, 9, 7))
    target = rng.integers(0, used or classes, (batch, 9, 7))
    if void:
        target[rng.random(target.shape) < 0.3] = 255
    return torch.from_numpy(logits), torch.from_numpy(target)


def pixels_of(logits: Tensor, target: Tensor):
    """(image, probabilities [C], true class) of every pixel that counts."""
    x, y = logits.numpy(), target.numpy()
    for b, i, j in np.ndindex(y.shape):
        if y[b, i, j] != 255:
            e = np.exp(x[b, :, i, j] - x[b, :, i, j].max())
            yield b, e / e.sum(), int(y[b, i, j])


def dice_of(pixels: list, c: int, smooth: float) -> float | None:
    """None: the truth does not hold class c."""
    shared = sum(p[c] for _, p, true in pixels if true == c)
    total = sum(p[c] + (true == c) for _, p, true in pixels)
    return (2 * shared + smooth) / (total + smooth) if any(true == c for _, _, true in pixels) else None


def dice_loss_of(pixels: list, weights: list[float], smooth: float = 0.0) -> float | None:
    found = [(w, dice_of(pixels, c, smooth)) for c, w in enumerate(weights)]
    held = [(w, 1 - value) for w, value in found if value is not None]
    return sum(w * loss for w, loss in held) / sum(w for w, _ in held) if held else None
