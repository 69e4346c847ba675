"""What an image painted in any style is measured by: content and its detail, style, smoothness, layout."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from dlcli.frozen import dataclass
from dlcli.nets.any_style import AnyStyleNetwork
from dlcli.style.losses import content_loss, relative_error, style_loss, variation_loss
from dlcli.training.loop import LossTerms
from dlcli.training.style.bank import KnownStyle, gram_matrices
from dlcli.training.style.options import StyleTraining

LAYOUT = 8  # pixels of the squares whose mean color should stay
DETAIL = 2  # the layer at stride 4, where eyes and letters still show
DETAIL_SHARE = 0.3  # of the content's weight


@dataclass(frozen=True)
class AnyBatch:
    """contents: float32 [B, 3, S, S] in [0, 1], in the colors of their styles. styles: B of them."""

    contents: Tensor
    styles: Sequence[KnownStyle]


def any_style_loss(net: AnyStyleNetwork, batch: AnyBatch, options: StyleTraining) -> LossTerms:
    """The terms, each with its weight."""
    contents, styles = batch.contents, list(batch.styles)
    features = net.encoder.features
    layers = features.content_layers
    with torch.no_grad():
        kept = features.of(contents, max(layers) + 1)
    vector = net.encoder.encode(torch.stack([style.statistics for style in styles]))
    painted = net.painter(contents * 255, vector) / 255
    found = features.of(painted)
    squares = F.avg_pool2d(painted, LAYOUT) - F.avg_pool2d(contents, LAYOUT)
    return {
        "content": options.content_weight * content_loss([found[i] for i in layers], [kept[i] for i in layers]),
        "detail": options.content_weight * DETAIL_SHARE * relative_error(found[DETAIL], kept[DETAIL]),
        "style": options.style_weight * style_loss(found, gram_matrices(styles)),
        "variation": options.variation_weight * variation_loss(painted),
        "layout": options.layout_weight * squares.square().mean(),
    }
