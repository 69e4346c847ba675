"""A generator of images and the discriminator that it learns against (DCGAN, arXiv:1511.06434)."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

from dlcli.card import ModelCard
from dlcli.errors import DataError

SMALLEST = 4  # pixels a side of what the generator begins at, and the discriminator ends at
GROUPS = 8
WIDEST = 256  # channels


def widths(size: int, width: int) -> list[int]:
    """Channels at 4, 8, ... `size` pixels a side; size: 4 times a power of two."""
    steps = (size // SMALLEST).bit_length() - 1
    return [min(WIDEST, width << (steps - level)) for level in range(steps + 1)]


class Generator(nn.Module):
    """Latents float32 [B, L], standard normal -> images float32 [B, 3, S, S] in [-1, 1].

    Doubles the side by nearest neighbors before each convolution: transposed ones leave a checkerboard. Groups of
    channels are normalized, not batches, so that an image depends on its own latent alone.
    """

    def __init__(self, size: int, latent: int, width: int):
        super().__init__()
        channels = widths(size, width)
        self.begin = nn.Linear(latent, channels[0] * SMALLEST**2)
        self.levels = nn.ModuleList(
            nn.Sequential(nn.GroupNorm(GROUPS, before), nn.ReLU(), nn.Upsample(scale_factor=2),
                          nn.Conv2d(before, after, 3, padding=1))
            for before, after in pairwise(channels)
        )  # fmt: skip
        self.end = nn.Sequential(
            nn.GroupNorm(GROUPS, channels[-1]), nn.ReLU(), nn.Conv2d(channels[-1], 3, 3, padding=1)
        )

    def forward(self, latent: Tensor) -> Tensor:
        x = self.begin(latent).unflatten(1, (-1, SMALLEST, SMALLEST))  # [B, C, 4, 4]
        for level in self.levels:
            x = level(x)
        return torch.tanh(self.end(x))


class Discriminator(nn.Module):
    """Images float32 [B, 3, S, S] -> logits float32 [B], above 0 where it takes one for real.

    spectral: every layer is divided by its largest singular value (arXiv:1802.05957).
    """

    def __init__(self, size: int, width: int, spectral: bool):
        super().__init__()
        channels = widths(size, width)[::-1]
        layers: list[nn.Module] = [nn.Conv2d(3, channels[0], 3, padding=1)]
        layers += [nn.Conv2d(a, b, 4, 2, 1) for a, b in pairwise(channels)]
        last: nn.Module = nn.Linear(channels[-1] * SMALLEST**2, 1)
        self.layers = nn.ModuleList(map(spectral_norm, layers) if spectral else layers)
        self.last = spectral_norm(last) if spectral else last

    def forward(self, images: Tensor) -> Tensor:
        x = images
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
        return self.last(x.flatten(1)).squeeze(1)


class Gan(nn.Module):
    """Both, as one network of a training; `latent`: numbers of a latent."""

    def __init__(self, size: int, latent: int, width: int, spectral: bool):
        super().__init__()
        self.latent = latent
        self.generator = Generator(size, latent, width)
        self.discriminator = Discriminator(size, width, spectral)

    @contextmanager
    def judging_alone(self) -> Iterator[None]:
        """What the discriminator computes within gives gradients to its input, and none to its weights."""
        self.discriminator.requires_grad_(False)
        try:
            yield
        finally:
            self.discriminator.requires_grad_(True)


def build_gan(card: ModelCard) -> Gan:
    """The networks of a run's card. DataError: it does not say which."""
    found = [card.decoding.get(name) for name in ("latent", "width", "spectral")]
    if not all(isinstance(value, int) for value in found):
        raise DataError(f"{card.name}: its card does not say how its generator is built; train it again")
    latent, width, spectral = found
    return Gan(card.input[0], int(latent or 0), int(width or 0), bool(spectral))
