"""`--augment` and `--erase`: torchvision's RandAugment, TrivialAugment and random erasing, by a sample's own dice."""

from typing import Any

import torch
from numpy.random import Generator
from torch import Tensor
from torchvision import transforms

from dlcli.frozen import dataclass
from dlcli.training.classify.options import Augment

OPERATIONS, MAGNITUDE = 2, 9  # of RandAugment: what the paper found best for ImageNet, on a scale to 30


@dataclass(frozen=True)
class Policy:
    """name: RandAugment (arXiv:1909.13719), TrivialAugment (arXiv:2103.10158), or basic, which does nothing here.

    erase: the chance that a part of the image, 0.02 to 0.33 of its area, becomes `fill` (arXiv:1708.04896).
    """

    name: Augment
    erase: float
    fill: tuple[int, int, int]

    def __call__(self, image: Tensor, rng: Generator) -> Tensor:
        """uint8 [3, H, W] -> the same of another image. torch's random numbers are left as they were."""
        steps = self.steps()
        if not steps:
            return image
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**31)))
            for step in steps:
                image = step(image)
        return image

    def steps(self) -> list[Any]:
        fill = list(self.fill)
        policies = {
            Augment.RANDAUGMENT: lambda: [transforms.RandAugment(OPERATIONS, MAGNITUDE, fill=fill)],
            Augment.TRIVIALAUGMENT: lambda: [transforms.TrivialAugmentWide(fill=fill)],
            Augment.BASIC: list,
        }
        erasing = [transforms.RandomErasing(self.erase, value=self.fill)] if self.erase else []
        return [*policies[self.name](), *erasing]
