"""What an image painted in any style is measured by: content and its detail, style, smoothness, layout."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from dlcli.nets.any_style import AnyStyleNetwork
from dlcli.style.losses import content_loss, relative_error, style_loss, variation_loss
from dlcli.training.style.bank import KnownStyle, gram_matrices

LAYOUT = 8  # pixels of the squares whose mean color should stay
DETAIL = 2  # the layer at stride 4, where eyes and letters still show


@dataclass(frozen=True)
class Weights:
    """Of the losses."""

    content: float = 1.0
    detail: float = 0.3
    style: float = 60.0
    variation: float = 10.0
    layout: float = 5.0


def any_style_loss(
    net: AnyStyleNetwork, contents: Tensor, styles: Sequence[KnownStyle], weights: Weights
) -> dict[str, Tensor]:
    """The terms, each with its weight. contents: float32 [B, 3, S, S] in [0, 1], in the colors of their B styles."""
    features = net.encoder.features
    layers = features.content_layers
    with torch.no_grad():
        kept = features.of(contents, max(layers) + 1)
    vector = net.encoder.encode(torch.stack([style.statistics for style in styles]))
    painted = net.painter(contents * 255, vector) / 255
    found = features.of(painted)
    squares = F.avg_pool2d(painted, LAYOUT) - F.avg_pool2d(contents, LAYOUT)
    return {
        "content": weights.content * content_loss([found[i] for i in layers], [kept[i] for i in layers]),
        "detail": weights.detail * relative_error(found[DETAIL], kept[DETAIL]),
        "style": weights.style * style_loss(found, gram_matrices(list(styles))),
        "variation": weights.variation * variation_loss(painted),
        "layout": weights.layout * squares.square().mean(),
    }
