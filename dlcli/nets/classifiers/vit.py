"""Vision Transformer (arXiv:2010.11929): an image as a sequence of patches, read by a transformer's encoder."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from dlcli.nets.classifiers.attention import SelfAttention, feed_forward

EPS = 1e-6


class EncoderBlock(nn.Module):
    """[B, N, C] -> [B, N, C]: attention, then a feed-forward of each token; both see it normalized and add to it."""

    def __init__(self, channels: int, heads: int, hidden: int):
        super().__init__()
        self.ln_1 = nn.LayerNorm(channels, eps=EPS)
        self.self_attention = SelfAttention(channels, heads)
        self.ln_2 = nn.LayerNorm(channels, eps=EPS)
        self.mlp = feed_forward(channels, hidden)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.self_attention(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Encoder(nn.Module):
    """[B, N, C] -> [B, N, C]: learned positions are added, then the blocks, then a last normalization."""

    def __init__(self, tokens: int, channels: int, heads: int, hidden: int, depth: int):
        super().__init__()
        self.pos_embedding = nn.Parameter(torch.empty(1, tokens, channels).normal_(std=0.02))
        blocks = {f"encoder_layer_{i}": EncoderBlock(channels, heads, hidden) for i in range(depth)}
        self.layers = nn.Sequential(OrderedDict(blocks))
        self.ln = nn.LayerNorm(channels, eps=EPS)

    def forward(self, x: Tensor) -> Tensor:
        return self.ln(self.layers(x + self.pos_embedding))


class VisionTransformer(nn.Module):
    """[B, 3, side, side] -> logits [B, classes], from the class token that goes before the patches.

    side: a multiple of `patch`; the learned positions belong to it. Weights have torchvision's names.
    """

    def __init__(self, classes: int, side: int, patch: int, channels: int, heads: int, depth: int):
        super().__init__()
        self.class_token = nn.Parameter(torch.zeros(1, 1, channels))
        self.conv_proj = nn.Conv2d(3, channels, patch, patch)
        self.encoder = Encoder((side // patch) ** 2 + 1, channels, heads, 4 * channels, depth)
        self.heads = nn.Sequential(OrderedDict(head=nn.Linear(channels, classes)))

    def forward(self, x: Tensor) -> Tensor:
        patches = self.conv_proj(x).flatten(2).transpose(1, 2)  # [B, side^2 / patch^2, C]
        tokens = torch.cat([self.class_token.expand(len(x), -1, -1), patches], 1)
        return self.heads(self.encoder(tokens)[:, 0])
