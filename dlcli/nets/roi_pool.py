"""Regions of a feature map as small grids of one size: ROI pooling and ROI align, in plain tensor operations.

Both take the features [C, H, W] of one image, boxes float32 xyxy [R, 4] in pixels of the network's input and
`scale`, feature cells a pixel (1 / stride), and give [R, C, size, size]. Zero boxes give [0, C, size, size].
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def roi_max_pool(features: Tensor, boxes: Tensor, size: int, scale: float) -> Tensor:
    """ROI pooling (Fast R-CNN, arXiv:1504.08083): the region's cells in size x size parts, the maximum of each.

    Corners are rounded to cells, both ends inclusive, so the smallest region is one cell; the parts overlap by a
    cell where they do not come out even. A part that lies outside the map is 0.
    """
    corners = boxes * scale
    corners = torch.trunc(corners + 0.5 * corners.sign()).long()  # halves away from zero, as C rounds
    first, last = corners[:, :2], torch.maximum(corners[:, :2], corners[:, 2:])
    margin = _beyond(first, last + 1, features.shape[2], features.shape[1])
    padded = F.pad(features, [margin] * 4, value=-torch.inf)
    pooled = [
        F.adaptive_max_pool2d(padded[:, y1 : y2 + 1, x1 : x2 + 1], size)
        for (x1, y1), (x2, y2) in zip((first + margin).tolist(), (last + margin).tolist(), strict=True)
    ]
    if not pooled:
        return features.new_zeros(0, len(features), size, size)
    grids = torch.stack(pooled)  # [R, C, size, size]
    return grids.masked_fill(grids == -torch.inf, 0)


def roi_align(features: Tensor, boxes: Tensor, size: int, scale: float, samples: int = 2) -> Tensor:
    """ROI align (Mask R-CNN, arXiv:1703.06870): the mean of samples x samples points in each of size x size parts.

    Nothing is rounded: a point's value is interpolated between the four cells around it, and a point more than a
    cell outside the map counts as 0. Cell (0, 0) has its center at (0.5, 0.5) / scale (torchvision: aligned=True).
    The weight of a cell is its row's weight times its column's, so the whole is two products of matrices.
    """
    start, side = boxes[:, :2] * scale - 0.5, (boxes[:, 2:] - boxes[:, :2]) * scale  # [R, 2]
    columns = _weights(start[:, 0], side[:, 0], size, samples, features.shape[2])  # [R, size, W]
    rows = _weights(start[:, 1], side[:, 1], size, samples, features.shape[1])  # [R, size, H]
    strips = torch.einsum("rph,chw->rcpw", rows, features)
    return torch.einsum("rcpw,rqw->rcpq", strips, columns)


def _beyond(first: Tensor, end: Tensor, width: int, height: int) -> int:
    """By how many cells the farthest region sticks out of the map, 0 if none does."""
    over = torch.cat([-first, end - end.new_tensor([width, height])])
    return max(0, int(over.max())) if len(first) else 0


def _weights(start: Tensor, side: Tensor, size: int, samples: int, cells: int) -> Tensor:
    """How much each cell along one side counts in each part: start [R], side [R] -> [R, size, cells].

    The points of a part are spread evenly. A point counts in the two cells next to it, the nearer the more:
    max(0, 1 - distance); within a cell beyond the map it has the value of the edge.
    """
    steps = (torch.arange(size * samples, dtype=side.dtype, device=side.device) + 0.5) / (size * samples)
    points = start[:, None] + steps * side[:, None]  # [R, size * samples]
    inside = (points >= -1) & (points <= cells)
    points = points.clamp(0, cells - 1)
    cell = torch.arange(cells, dtype=side.dtype, device=side.device)
    near = 1 - (points[:, :, None] - cell).abs()  # [R, size * samples, cells]
    weights = near.clamp(min=0) * inside[:, :, None]
    return weights.reshape(len(start), size, samples, cells).mean(2)
