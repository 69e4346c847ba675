"""Spatial transformer (arXiv:1506.02025): the network turns, scales and moves its image before it looks at it."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
LOOK = 32  # pixels along a side of what decides how to move the image


def affine_grid(theta: Tensor, height: int, width: int) -> Tensor:
    """Where each pixel of the output lies in the input: [B, 2, 3] -> [B, H, W, 2], x and y from -1 to 1.

    -1 and 1 are the outer edges of the first and the last pixel, as in torch's align_corners=False.
    """
    y = (torch.arange(height, device=theta.device) * 2 + 1).to(theta) / height - 1
    x = (torch.arange(width, device=theta.device) * 2 + 1).to(theta) / width - 1
    columns, rows = x.expand(height, width), y[:, None].expand(height, width)
    places = torch.stack([columns, rows, torch.ones_like(rows)], -1).view(1, -1, 3)  # [1, HW, 3]
    return (places @ theta.transpose(1, 2)).view(-1, height, width, 2)


class SpatialTransformer(nn.Module):
    """[B, C, H, W] -> the same shape, moved by an affine map of its own for each image; the identity at the start."""

    def __init__(self, channels: int):
        super().__init__()
        self.look = nn.Sequential(conv(channels, 16), conv(16, 32), conv(32, 32))  # LOOK / 8 cells a side
        last = nn.Linear(32, 6)
        nn.init.zeros_(last.weight)
        last.bias.data.copy_(torch.tensor(IDENTITY))
        self.decide = nn.Sequential(nn.Linear(32 * (LOOK // 8) ** 2, 32), nn.ReLU(), last)

    def theta(self, x: Tensor) -> Tensor:
        """The affine map of each image: [B, 2, 3], from places of the output to places of the input."""
        small = F.interpolate(x, size=(LOOK, LOOK), mode="bilinear", align_corners=False, antialias=False)
        return self.decide(self.look(small).flatten(1)).view(-1, 2, 3)

    def forward(self, x: Tensor) -> Tensor:
        grid = affine_grid(self.theta(x), x.shape[2], x.shape[3])
        return F.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)


def conv(inputs: int, outputs: int) -> nn.Sequential:
    """3x3 convolution, batch normalization, ReLU, and half of each side by the maximum."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)
    )


class StnClassifier(nn.Module):
    """[B, 3, H, W], sides of 32 or more -> logits [B, classes]: a spatial transformer before a small plain network."""

    def __init__(self, classes: int):
        super().__init__()
        self.stn = SpatialTransformer(3)
        self.features = nn.Sequential(conv(3, 32), conv(32, 64), conv(64, 128), conv(128, 256))
        self.linear = nn.Linear(256, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(self.features(self.stn(x)).mean((2, 3)))
