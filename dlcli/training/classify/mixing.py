"""Mixing the images of a batch, and what they are, two by two: mixup and cutmix."""

import numpy as np
import torch
from numpy.random import Generator
from torch import Tensor

from dlcli.frozen import dataclass

Batch = tuple[Tensor, Tensor]


def mixup(pixels: Tensor, targets: Tensor, partner: Tensor, share: float) -> Batch:
    """Each image fades into another: share x + (1 - share) x[partner], targets likewise (arXiv:1710.09412).

    pixels float32 [B, 3, H, W], targets float32 [B, C], partner int64 [B], share in [0, 1].
    """
    return share * pixels + (1 - share) * pixels[partner], share * targets + (1 - share) * targets[partner]


def cutmix(pixels: Tensor, targets: Tensor, partner: Tensor, box: tuple[int, int, int, int]) -> Batch:
    """A rectangle of each image is another's; targets are mixed by the area that each has (arXiv:1905.04899).

    pixels, targets, partner: as for mixup. box: (x1, y1, x2, y2) within the image, x2 and y2 exclusive.
    """
    x1, y1, x2, y2 = box
    mixed = pixels.clone()
    mixed[:, :, y1:y2, x1:x2] = pixels[partner][:, :, y1:y2, x1:x2]
    share = 1 - (x2 - x1) * (y2 - y1) / (pixels.shape[2] * pixels.shape[3])
    return mixed, share * targets + (1 - share) * targets[partner]


def random_box(rng: Generator, width: int, height: int, share: float) -> tuple[int, int, int, int]:
    """A box of the image's shape and (1 - share) of its area, its center anywhere, cut at the image's edges."""
    side = np.sqrt(1 - share)
    x, y = rng.uniform(0, width), rng.uniform(0, height)
    across, down = width * side / 2, height * side / 2
    x1, x2 = (int(np.clip(round(v), 0, width)) for v in (x - across, x + across))
    y1, y2 = (int(np.clip(round(v), 0, height)) for v in (y - down, y + down))
    return x1, y1, x2, y2


@dataclass(frozen=True)
class Mixing:
    """Mixes each batch by mixup, by cutmix, or, where both are asked for, by one of them at random.

    mixup, cutmix: alpha of the Beta(alpha, alpha) that an image's share is drawn from; 0: never.
    """

    mixup: float = 0.0
    cutmix: float = 0.0

    def __call__(self, pixels: Tensor, targets: Tensor) -> Batch:
        """pixels float32 [B, 3, H, W], targets float32 [B, C]; the random numbers are torch's, kept by a checkpoint."""
        if not (self.mixup or self.cutmix):
            return pixels, targets
        rng = np.random.default_rng(int(torch.randint(2**62, ())))
        partner = torch.from_numpy(rng.permutation(len(pixels))).to(pixels.device)
        if self.cutmix and not (self.mixup and rng.random() < 0.5):
            box = random_box(rng, pixels.shape[3], pixels.shape[2], rng.beta(self.cutmix, self.cutmix))
            return cutmix(pixels, targets, partner, box)
        return mixup(pixels, targets, partner, rng.beta(self.mixup, self.mixup))
