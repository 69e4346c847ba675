"""The loss of the anchor detector over one batch."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dlcli.ops.anchors import AnchorGrid
from dlcli.training.loop import LossTerms
from dlcli.training.losses import focal_loss, giou_loss, mined_cross_entropy, smooth_l1_loss

Batch = tuple[Tensor, Tensor, Tensor]


@dataclass(frozen=True)
class DetectionLoss:
    """Called with the network and a batch of samples.DetectionSamples: {"class": scalar, "box": scalar}.

    Both are divided by the number of positive anchors in the batch.
    """

    grids: dict[int, AnchorGrid]  # by input size
    focal: bool = True
    giou: bool = True
    box_weight: float = 2.0

    def __call__(self, net: nn.Module, batch: Batch) -> LossTerms:
        pixels, classes, boxes = batch
        logits, offsets = net(normalised(pixels))
        return self.terms(logits, offsets, classes, boxes, self.grids[pixels.shape[-1]])

    def terms(self, logits: Tensor, offsets: Tensor, classes: Tensor, boxes: Tensor, grid: AnchorGrid) -> LossTerms:
        """logits [B, A, C], offsets [B, A, 4], classes int64 [B, A], boxes xyxy [B, A, 4]."""
        positive = classes >= 0
        count = positive.sum().clamp(min=1)
        class_loss = focal_loss if self.focal else mined_cross_entropy
        by_class = class_loss(logits.flatten(0, 1), classes.flatten())
        anchors = torch.from_numpy(grid.cxcywh).expand(len(classes), -1, -1)[positive]  # [P, 4]
        chosen, truth = offsets[positive], boxes[positive]
        if self.giou:
            by_box = giou_loss(decoded(chosen, anchors, grid.variances), truth)
        else:
            by_box = smooth_l1_loss(chosen, encoded(truth, anchors, grid.variances))
        return {"class": by_class / count, "box": self.box_weight * by_box / count}


def normalised(pixels: Tensor) -> Tensor:
    """uint8 [B, 3, H, W] -> float32 (x - 127) / 128, in channels-last order, which convolutions on CPU like best."""
    return ((pixels.float() - 127) / 128).contiguous(memory_format=torch.channels_last)


def decoded(offsets: Tensor, anchors: Tensor, variances: tuple[float, float]) -> Tensor:
    """ops.anchors.decode_boxes with gradients: offsets [P, 4], cxcywh [P, 4] -> xyxy [P, 4]."""
    centre = offsets[:, :2] * variances[0] * anchors[:, 2:] + anchors[:, :2]
    half = torch.exp((offsets[:, 2:] * variances[1]).clamp(max=4.0)) * anchors[:, 2:] / 2
    return torch.cat([centre - half, centre + half], 1)


def encoded(boxes: Tensor, anchors: Tensor, variances: tuple[float, float]) -> Tensor:
    """ops.anchors.encode_boxes for tensors: xyxy [P, 4], cxcywh [P, 4] -> offsets [P, 4]."""
    size = (boxes[:, 2:] - boxes[:, :2]).clamp(min=1e-3)
    centre = (boxes[:, :2] + boxes[:, 2:]) / 2
    return torch.cat(
        [(centre - anchors[:, :2]) / anchors[:, 2:] / variances[0], torch.log(size / anchors[:, 2:]) / variances[1]], 1
    )
