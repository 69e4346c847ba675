"""Swin Transformer (arXiv:2103.14030): attention within windows that shift from block to block; patches merge."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcli.nets.classifiers.attention import attend, feed_forward, join_heads, split_heads

WINDOW = 7  # patches along a side
PATCH = 4  # pixels along a side
NOT_ALLOWED = -100.0  # added to a score, it leaves nothing of it


def to_windows(x: Tensor, side: int) -> Tensor:
    """[B, H, W, C], H and W multiples of `side` -> [B * windows, side * side, C], row by row."""
    batch, height, width, channels = x.shape
    x = x.view(batch, height // side, side, width // side, side, channels)
    return x.transpose(2, 3).reshape(-1, side * side, channels)


def from_windows(x: Tensor, side: int, height: int, width: int) -> Tensor:
    """The inverse of to_windows: -> [B, height, width, C]."""
    x = x.view(-1, height // side, width // side, side, side, x.shape[-1])
    return x.transpose(2, 3).reshape(-1, height, width, x.shape[-1])


def relative_places(side: int) -> Tensor:
    """int64 [side^4]: for each pair of a window's patches, the row of the table that holds their difference's bias."""
    y, x = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    places = torch.stack([y.flatten(), x.flatten()])  # [2, N]
    dy, dx = places[:, :, None] - places[:, None, :] + side - 1  # from 0 to 2 side - 2
    return (dy * (2 * side - 1) + dx).flatten()


def shift_mask(height: int, width: int, shift: tuple[int, int]) -> Tensor:
    """float32 [windows, N, N]: NOT_ALLOWED between patches that only the shift brought into one window, else 0."""

    def parts(length: int, moved: int) -> Tensor:
        place = torch.arange(length)
        return (
            (place >= length - WINDOW).long() + (place >= length - moved).long() if moved else torch.zeros_like(place)
        )

    region = parts(height, shift[0])[:, None] * 3 + parts(width, shift[1])[None]  # [H, W], of one piece each
    windows = to_windows(region[None, :, :, None], WINDOW).squeeze(-1)  # [windows, N]
    return (windows[:, None] != windows[:, :, None]).float() * NOT_ALLOWED


class WindowAttention(nn.Module):
    """[B, H, W, C] -> [B, H, W, C]: patches attend to those of their window; a bias tells where these are.

    shifted: the windows lie half a window further, and what falls off the edge comes in at the other side, kept apart
    by a mask. A side that one window covers is not shifted. H and W are filled up to whole windows.
    """

    relative_position_index: Tensor

    def __init__(self, channels: int, heads: int, shifted: bool):
        super().__init__()
        self.heads, self.shifted = heads, shifted
        self.qkv = nn.Linear(channels, 3 * channels)
        self.proj = nn.Linear(channels, channels)
        self.relative_position_bias_table = nn.Parameter(torch.zeros((2 * WINDOW - 1) ** 2, heads))
        self.register_buffer("relative_position_index", relative_places(WINDOW))
        nn.init.trunc_normal_(self.relative_position_bias_table, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        height, width = x.shape[1:3]
        x = F.pad(x, (0, 0, 0, -width % WINDOW, 0, -height % WINDOW))
        full = x.shape[1], x.shape[2]
        shift = tuple(WINDOW // 2 if self.shifted and side > WINDOW else 0 for side in full)
        if any(shift):
            x = torch.roll(x, (-shift[0], -shift[1]), (1, 2))
        y = from_windows(self.within(to_windows(x, WINDOW), full, shift), WINDOW, *full)
        if any(shift):
            y = torch.roll(y, shift, (1, 2))
        return y[:, :height, :width]

    def within(self, windows: Tensor, full: tuple[int, int], shift: tuple[int, ...]) -> Tensor:
        """[B * windows, N, C] -> the same."""
        queries, keys, values = (split_heads(part, self.heads) for part in self.qkv(windows).chunk(3, -1))
        bias = self.relative_position_bias_table[self.relative_position_index]
        bias = bias.view(WINDOW**2, WINDOW**2, -1).permute(2, 0, 1)  # [heads, N, N]
        if any(shift):
            mask = shift_mask(*full, (shift[0], shift[1])).to(windows)  # [windows, N, N]
            batch = len(windows) // len(mask)
            bias = (bias + mask[:, None]).repeat(batch, 1, 1, 1)
        return self.proj(join_heads(attend(queries, keys, values, bias)))


class SwinBlock(nn.Module):
    """[B, H, W, C] -> [B, H, W, C]."""

    def __init__(self, channels: int, heads: int, shifted: bool):
        super().__init__()
        self.norm1 = nn.LayerNorm(channels)
        self.attn = WindowAttention(channels, heads, shifted)
        self.norm2 = nn.LayerNorm(channels)
        self.mlp = feed_forward(channels, 4 * channels)

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.norm1(x))
        return x + self.mlp(self.norm2(x))


class PatchMerging(nn.Module):
    """[B, H, W, C] -> [B, ceil(H/2), ceil(W/2), 2C]: four neighbors side by side, then a linear layer."""

    def __init__(self, channels: int):
        super().__init__()
        self.reduction = nn.Linear(4 * channels, 2 * channels, bias=False)
        self.norm = nn.LayerNorm(4 * channels)

    def forward(self, x: Tensor) -> Tensor:
        x = F.pad(x, (0, 0, 0, x.shape[2] % 2, 0, x.shape[1] % 2))
        neighbors = [x[:, row::2, column::2] for column in (0, 1) for row in (0, 1)]
        return self.reduction(self.norm(torch.cat(neighbors, -1)))


class ChannelsLast(nn.Module):
    """[B, C, H, W] -> [B, H, W, C]."""

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(0, 2, 3, 1)


class Swin(nn.Module):
    """[B, 3, H, W] -> logits [B, classes]. Weights have torchvision's names.

    channels: of the first stage; each later one has twice as many. depths: blocks, heads: of attention, stage by stage.
    """

    def __init__(self, classes: int, channels: int, depths: tuple[int, ...], heads: tuple[int, ...]):
        super().__init__()
        stages: list[nn.Module] = [
            nn.Sequential(nn.Conv2d(3, channels, PATCH, PATCH), ChannelsLast(), nn.LayerNorm(channels))
        ]
        for stage, (depth, count) in enumerate(zip(depths, heads, strict=True)):
            width = channels * 2**stage
            if stage:
                stages.append(PatchMerging(width // 2))
            stages.append(nn.Sequential(*(SwinBlock(width, count, bool(i % 2)) for i in range(depth))))
        self.features = nn.Sequential(*stages)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, classes)
        self.apply(_start)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.norm(self.features(x)).mean((1, 2)))


def _start(layer: nn.Module) -> None:
    if isinstance(layer, nn.Linear):
        nn.init.trunc_normal_(layer.weight, std=0.02)
        if layer.bias is not None:
            nn.init.zeros_(layer.bias)
