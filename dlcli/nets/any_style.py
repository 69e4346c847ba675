"""Any style in one pass: an encoder that reads a style off an image, and the painter that follows what it read."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from dlcli.nets.efficientnet_lite import EfficientNetLite0
from dlcli.nets.lite_features import CHANNELS, LiteFeatures
from dlcli.nets.style_network import StyledNorm, StyleNetwork

VECTOR, HIDDEN = 100, 192
WIDTHS = (12, 24, 48)
LARGEST_Z = 4.0  # standard deviations; a style further out than those learned from is read as if it were there
FLOOR = 1e-4  # added to a variance, so that an even area has a logarithm
GAIN_SPREAD = 0.02  # of the random start: styles differ a little from the first step on


def statistics(features: Sequence[Tensor]) -> Tensor:
    """Mean and logarithm of the deviation of each channel: activations [B, C, H, W] of each tap -> [B, 2 * sum of C].

    The means of all taps come first.
    """
    means, deviations = [], []
    for layer in features:
        mean = layer.mean((2, 3))
        centered = layer - mean[:, :, None, None]
        means.append(mean)
        deviations.append(torch.log(centered.square().mean((2, 3)) + FLOOR) / 2)
    return torch.cat([*means, *deviations], 1)


class StyleEncoder(nn.Module):
    """The style of an image as a vector: channel statistics of EfficientNet-Lite0, then two layers.

    The backbone is frozen. The first number of the vector is always 1, so that the painter's gains have a part that
    all styles share, and a mixture whose shares add up to 1 is again a style.
    """

    def __init__(self, backbone: EfficientNetLite0, vector: int = VECTOR, hidden: int = HIDDEN):
        super().__init__()
        self.features = LiteFeatures(backbone)
        count = 2 * sum(CHANNELS)
        self.register_buffer("center", torch.zeros(count))
        self.register_buffer("spread", torch.ones(count))
        self.hidden = nn.Linear(count, hidden)
        self.vector = nn.Linear(hidden, vector - 1)

    def forward(self, image: Tensor) -> Tensor:
        """float32 [B, 3, h, w] of 0 to 255, at least 16 a side -> [B, vector]."""
        return self.encode(statistics(self.features.of(image / 255)))

    def encode(self, found: Tensor) -> Tensor:
        """What `statistics` gives, [B, 2048] -> [B, vector]."""
        z = (found - self.get_buffer("center")) / self.get_buffer("spread")
        vector = self.vector(torch.relu(self.hidden(z.clamp(-LARGEST_Z, LARGEST_Z))))
        return torch.cat([torch.ones_like(vector[:, :1]), vector], 1)

    def standardize(self, found: Tensor) -> None:
        """Keep the mean and the deviation of the statistics of many styles, [N, 2048]."""
        self.get_buffer("center").copy_(found.mean(0))
        self.get_buffer("spread").copy_(found.std(0) + 1e-2)


class AnyStyleNetwork(nn.Module):
    """An encoder and a painter that have one vector in common: every gain and bias of the painter is linear in it."""

    def __init__(self, backbone: EfficientNetLite0, vector: int = VECTOR, widths: tuple[int, int, int] = WIDTHS):
        super().__init__()
        self.encoder = StyleEncoder(backbone, vector)
        self.painter = StyleNetwork(vector, widths)
        for norm in self.painter.modules():
            if isinstance(norm, StyledNorm):
                nn.init.normal_(norm.gain, std=GAIN_SPREAD)
                nn.init.normal_(norm.bias, std=GAIN_SPREAD)
                with torch.no_grad():
                    norm.gain[0], norm.bias[0] = 1, 0

    def forward(self, image: Tensor, vector: Tensor, style: Tensor) -> tuple[Tensor, Tensor]:
        """The two halves side by side, as one file holds them: image [B, 3, H, W] painted by vector [B, V], and the
        vector of style [b, 3, h, w]. Neither sees the other's inputs.
        """
        return self.painter(image, vector), self.encoder(style)
