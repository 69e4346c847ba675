"""What a generator and a discriminator minimize, in turn: functions of logits, and the penalty R1."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from dlcli.frozen import dataclass
from dlcli.nets.gan import Discriminator, Gan
from dlcli.training.gan.options import AdversarialLoss
from dlcli.training.loop import LossTerms

GENERATOR, DISCRIMINATOR = "generator", "discriminator"


class Pair(NamedTuple):
    """of_discriminator: of its logits [B] of real and of made images -> scalar; of_generator: of those of made ones."""

    of_discriminator: Callable[[Tensor, Tensor], Tensor]
    of_generator: Callable[[Tensor], Tensor]


def non_saturating(real: Tensor, made: Tensor) -> Tensor:
    """-log D(real) - log(1 - D(made)), D the sigmoid of the logits (arXiv:1406.2661)."""
    return (F.softplus(-real) + F.softplus(made)).mean()


def hinge(real: Tensor, made: Tensor) -> Tensor:
    """max(0, 1 - real) + max(0, 1 + made) (arXiv:1705.02894)."""
    return (F.relu(1 - real) + F.relu(1 + made)).mean()


PAIRS = {
    AdversarialLoss.NON_SATURATING: Pair(non_saturating, lambda made: F.softplus(-made).mean()),  # -log D(made)
    AdversarialLoss.HINGE: Pair(hinge, lambda made: -made.mean()),
}


def r1_penalty(discriminator: Discriminator, images: Tensor) -> Tensor:
    """Half the mean squared norm of the logits' gradient at real images, [B, 3, S, S] -> scalar (arXiv:1801.04406)."""
    images = images.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(discriminator(images).sum(), images, create_graph=True)
    return 0.5 * gradient.square().sum((1, 2, 3)).mean()


@dataclass(frozen=True)
class GanLoss:
    """Called with a Gan and (whose turn, pixels uint8 [B, 3, S, S]): both losses, one of which has a gradient.

    normalized: pixels -> [-1, 1]. r1: the penalty's weight, 0: none.
    """

    normalized: Callable[[Tensor], Tensor]
    name: AdversarialLoss
    r1: float = 0.0

    def __call__(self, net: Gan, batch: tuple[str, Any]) -> LossTerms:
        turn, pixels = batch
        images, pair = self.normalized(pixels), PAIRS[self.name]
        latents = torch.randn(len(images), net.latent, device=images.device)
        if turn == GENERATOR:
            with net.judging_alone():
                made = net.discriminator(net.generator(latents))
                with torch.no_grad():
                    real = net.discriminator(images)
            return {GENERATOR: pair.of_generator(made), DISCRIMINATOR: pair.of_discriminator(real, made).detach()}
        with torch.no_grad():
            fakes = net.generator(latents)
        real, made = net.discriminator(images), net.discriminator(fakes)
        learned = pair.of_discriminator(real, made)
        if self.r1:
            learned = learned + self.r1 * r1_penalty(net.discriminator, images)
        return {GENERATOR: pair.of_generator(made).detach(), DISCRIMINATOR: learned}
