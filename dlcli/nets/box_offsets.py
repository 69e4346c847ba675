"""ops.anchors.encode_boxes and decode_boxes for tensors, with gradients."""

import torch
from torch import Tensor


def decoded(offsets: Tensor, anchors: Tensor, variances: tuple[float, float]) -> Tensor:
    """ops.anchors.decode_boxes with gradients: offsets [P, 4], cxcywh [P, 4] -> xyxy [P, 4]."""
    center = offsets[:, :2] * variances[0] * anchors[:, 2:] + anchors[:, :2]
    half = torch.exp((offsets[:, 2:] * variances[1]).clamp(max=4.0)) * anchors[:, 2:] / 2
    return torch.cat([center - half, center + half], 1)


def encoded(boxes: Tensor, anchors: Tensor, variances: tuple[float, float]) -> Tensor:
    """ops.anchors.encode_boxes for tensors: xyxy [P, 4], cxcywh [P, 4] -> offsets [P, 4]."""
    target = centered(boxes)
    center = (target[:, :2] - anchors[:, :2]) / anchors[:, 2:] / variances[0]
    size = torch.log(target[:, 2:].clamp(min=1e-3) / anchors[:, 2:]) / variances[1]
    return torch.cat([center, size], 1)


def centered(boxes: Tensor) -> Tensor:
    """xyxy [P, 4] -> cxcywh [P, 4], as anchors are written."""
    return torch.cat([(boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]], 1)
