"""Scaled dot-product attention over several heads, as Vision Transformers use it."""

import torch
from torch import Tensor, nn


def attend(queries: Tensor, keys: Tensor, values: Tensor, bias: Tensor | None = None) -> Tensor:
    """softmax(Q K^T / sqrt(d) + bias) V (arXiv:1706.03762, equation 1): [..., N, d], [..., M, d] twice -> [..., N, d].

    bias: [..., N, M], added to the scores: of positions, or large negative numbers where attention is not allowed.
    """
    scores = queries @ keys.transpose(-2, -1) * queries.shape[-1] ** -0.5  # [..., N, M]
    return (scores if bias is None else scores + bias).softmax(-1) @ values


def split_heads(x: Tensor, heads: int) -> Tensor:
    """[B, N, heads * d] -> [B, heads, N, d]."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def join_heads(x: Tensor) -> Tensor:
    """[B, heads, N, d] -> [B, N, heads * d]."""
    return x.transpose(1, 2).flatten(2)


class SelfAttention(nn.Module):
    """[B, N, C] -> [B, N, C]: each token looks at all, in `heads` subspaces of C / heads numbers.

    Its weights have the names and shapes of torch.nn.MultiheadAttention's.
    """

    def __init__(self, channels: int, heads: int):
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * channels, channels))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * channels))
        self.out_proj = nn.Linear(channels, channels)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, x: Tensor) -> Tensor:
        projected = nn.functional.linear(x, self.in_proj_weight, self.in_proj_bias)  # [B, N, 3C]
        queries, keys, values = (split_heads(part, self.heads) for part in projected.chunk(3, -1))
        return self.out_proj(join_heads(attend(queries, keys, values)))


def feed_forward(channels: int, hidden: int) -> nn.Sequential:
    """Two linear layers with GELU between; the gaps in the numbers are torchvision's dropouts."""
    return nn.Sequential(
        nn.Linear(channels, hidden), nn.GELU(), nn.Identity(), nn.Linear(hidden, channels), nn.Identity()
    )
