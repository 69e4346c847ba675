"""An image's colors moved to those of another: the mean and covariance of RGB."""

import torch
from torch import Tensor

_RIDGE = 1e-5  # keeps a gray image's covariance invertible


def recolor(image: Tensor, like: Tensor) -> Tensor:
    """`image` with the mean and covariance of the colors of `like`; both float32 [1, 3, H, W] in [0, 1].

    The linear map of least change between two normal distributions: T = A^-1/2 (A^1/2 B A^1/2)^1/2 A^-1/2
    (Monge-Kantorovitch; Pitie and Kokaram, 2007). Colors that leave [0, 1] are cut off.
    """
    mean, spread = _statistics(image)
    to_mean, to_spread = _statistics(like)
    root = _root(spread)
    inverse = torch.linalg.inv(root)
    move = inverse @ _root(root @ to_spread @ root) @ inverse
    flat = image[0].reshape(3, -1).double()
    moved = move @ (flat - mean) + to_mean
    return moved.to(image.dtype).reshape(image.shape).clamp(0, 1)


def _statistics(image: Tensor) -> tuple[Tensor, Tensor]:
    """Mean [3, 1] and covariance [3, 3] of the colors."""
    flat = image[0].reshape(3, -1).double()
    mean = flat.mean(1, keepdim=True)
    centered = flat - mean
    return mean, centered @ centered.T / flat.shape[1] + torch.eye(3).double() * _RIDGE


def _root(matrix: Tensor) -> Tensor:
    """The symmetric square root of a symmetric matrix without negative eigenvalues."""
    values, vectors = torch.linalg.eigh(matrix)
    return vectors @ torch.diag(values.clamp_min(0).sqrt()) @ vectors.T
