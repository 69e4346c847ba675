"""Masked autoencoder (arXiv:2111.06377): a Vision Transformer that sees a quarter of an image and restores the rest."""

import torch
from torch import Tensor, nn

from dlcli.nets.classifiers.vit import EncoderBlock, VisionTransformer

EPS = 1e-6
DECODER = (96, 3, 2)  # channels, heads, blocks: light, for it is thrown away


class MaskedAutoencoder(VisionTransformer):
    """pixels [B, 3, side, side] and the patches to see, int64 [B, K] -> all patches [B, N, 3 * patch^2].

    N = (side / patch)^2. The encoder is that of VisionTransformer, weights by the same names, so that a classifier
    starts from them; it never sees the hidden patches. The decoder sees a learned mask token in their places.
    """

    def __init__(self, side: int, patch: int, channels: int, heads: int, depth: int):
        super().__init__(1, side, patch, channels, heads, depth)
        del self.heads
        width, decoder_heads, blocks = DECODER
        self.patch = patch
        self.narrow = nn.Linear(channels, width)
        self.mask_token = nn.Parameter(torch.empty(1, 1, width).normal_(std=0.02))
        self.decoder_positions = nn.Parameter(torch.empty(1, (side // patch) ** 2 + 1, width).normal_(std=0.02))
        self.decoder = nn.Sequential(*(EncoderBlock(width, decoder_heads, 4 * width) for _ in range(blocks)))
        self.decoder_norm = nn.LayerNorm(width, eps=EPS)
        self.pixels = nn.Linear(width, 3 * patch**2)

    def forward(self, x: Tensor, seen: Tensor) -> Tensor:  # type: ignore[override]  # what is seen is asked too
        return self.restored(self.encoded(x, seen), seen)

    def encoded(self, x: Tensor, seen: Tensor) -> Tensor:
        """Tokens [B, 1 + K, C] of the class token and the seen patches, in the order of `seen`."""
        tokens = self.conv_proj(x).flatten(2).transpose(1, 2)  # [B, N, C]
        positions = self.encoder.pos_embedding
        tokens = picked(tokens + positions[:, 1:], seen)  # [B, K, C]
        first = (self.class_token + positions[:, :1]).expand(len(x), -1, -1)
        return self.encoder.ln(self.encoder.layers(torch.cat([first, tokens], 1)))

    def restored(self, tokens: Tensor, seen: Tensor) -> Tensor:
        """[B, 1 + K, C] -> [B, N, 3 * patch^2]."""
        tokens = self.narrow(tokens)  # [B, 1 + K, W]
        count = self.decoder_positions.shape[1] - 1
        full = self.mask_token.to(tokens.dtype).expand(len(tokens), count, -1)
        full = full.scatter(1, seen.unsqueeze(-1).expand(-1, -1, full.shape[-1]), tokens[:, 1:])  # [B, N, W]
        full = torch.cat([tokens[:, :1], full], 1) + self.decoder_positions
        return self.pixels(self.decoder_norm(self.decoder(full)))[:, 1:]


def picked(tokens: Tensor, rows: Tensor) -> Tensor:
    """[B, N, C], int64 [B, K] -> [B, K, C]."""
    return tokens.gather(1, rows.unsqueeze(-1).expand(-1, -1, tokens.shape[-1]))


def to_patches(x: Tensor, patch: int) -> Tensor:
    """[B, 3, H, W] -> [B, N, 3 * patch^2], patches row by row, in each channel by channel."""
    return nn.functional.unfold(x, patch, stride=patch).transpose(1, 2)


def from_patches(patches: Tensor, patch: int, side: int) -> Tensor:
    """The inverse: [B, N, 3 * patch^2] -> [B, 3, side, side]."""
    return nn.functional.fold(patches.transpose(1, 2), (side, side), patch, stride=patch)
