"""What makes a stylized image good: it keeps the content, carries the style, and is smooth.

Each is a mean over places, so that a weight means the same at every size.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from dlcli.style.features import gram

TINY = 1e-12  # against a target that is zero everywhere


def relative_error(value: Tensor, target: Tensor) -> Tensor:
    """mean((value - target)^2) / mean(target^2) of each of the batch, then their mean: 0 where equal.

    Both [B, ...], or target [1, ...] for the whole batch. Layers whose activations are small count as much as others.
    """
    dims = tuple(range(1, target.ndim))
    error = (value - target).square().mean(dims)
    return (error / (target.square().mean(dims) + TINY)).mean()


def content_loss(found: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """The mean over the layers of the relative error of their activations, [B, C, H, W] each."""
    return torch.stack([relative_error(f, w) for f, w in zip(found, wanted, strict=True)]).mean()


def style_loss(found: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """The mean over the layers of the relative error of their Gram matrices.

    found: activations [B, C, H, W]. wanted: Gram matrices [B, C, C] or [1, C, C], of an image of any size.
    """
    return torch.stack([relative_error(gram(f), w) for f, w in zip(found, wanted, strict=True)]).mean()


def variation_loss(image: Tensor) -> Tensor:
    """Total variation: the mean squared step between neighbors, downwards and to the right. [B, 3, H, W] -> scalar."""
    down = (image[:, :, 1:] - image[:, :, :-1]).square().mean()
    right = (image[:, :, :, 1:] - image[:, :, :, :-1]).square().mean()
    return down + right
