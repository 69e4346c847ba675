"""Which patches are hidden, and how well they are restored (arXiv:2111.06377, section 3)."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from dlcli.frozen import dataclass
from dlcli.nets.masked_autoencoder import MaskedAutoencoder, from_patches, to_patches
from dlcli.training.loop import LossTerms


@dataclass(frozen=True)
class MaeLoss:
    """Called with the network and a batch (pixels uint8 [B, 3, S, S], ...): {"hidden": scalar}.

    normalized: pixels -> the network's input. share: of the patches that are hidden.
    """

    normalized: Callable[[Tensor], Tensor]
    share: float

    def __call__(self, net: MaskedAutoencoder, batch: Any) -> LossTerms:
        x = self.normalized(batch[0])
        seen = random_patches(len(x), (x.shape[-1] // net.patch) ** 2, self.share).to(x.device)
        return {"hidden": hidden_error(net(x, seen).float(), to_patches(x, net.patch), seen)}


def random_patches(images: int, patches: int, share: float, generator: torch.Generator | None = None) -> Tensor:
    """int64 [B, K]: those that are seen, at random for each image; at least one is, and one is not."""
    count = min(max(1, round((1 - share) * patches)), patches - 1)
    return torch.rand(images, patches, generator=generator).argsort(1)[:, :count]


def hidden_error(found: Tensor, wanted: Tensor, seen: Tensor) -> Tensor:
    """The mean squared difference over the patches that were not seen -> scalar. [B, N, D] twice, int64 [B, K]."""
    hidden = torch.ones(wanted.shape[:2], device=wanted.device).scatter(1, seen, 0.0)  # [B, N]
    return (((found - wanted) ** 2).mean(-1) * hidden).sum() / hidden.sum()


def restoration(net: MaskedAutoencoder, x: Tensor, seen: Tensor) -> tuple[Tensor, Tensor]:
    """What the encoder saw, 0 elsewhere, and the same with the hidden patches restored: float [B, 3, S, S] each."""
    with torch.inference_mode():
        found, wanted = net(x, seen).float(), to_patches(x, net.patch)
    shown = torch.zeros(wanted.shape[:2], device=x.device).scatter(1, seen, 1.0).unsqueeze(-1)  # [B, N, 1]
    both = (wanted * shown, wanted * shown + found * (1 - shown))
    masked, restored = (from_patches(patches, net.patch, x.shape[-1]) for patches in both)
    return masked, restored
