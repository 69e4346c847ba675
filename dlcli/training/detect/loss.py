"""The loss of the anchor detector over one batch."""

import torch
from torch import Tensor, nn

from dlcli.frozen import dataclass
from dlcli.nets.box_offsets import decoded, encoded
from dlcli.ops.anchors import AnchorGrid
from dlcli.training.detect.box_losses import BOX_LOSSES
from dlcli.training.detect.losses import focal_loss, mined_cross_entropy
from dlcli.training.detect.options import BoxLoss
from dlcli.training.detect.samples import Targets
from dlcli.training.loop import LossTerms

Batch = tuple[Tensor, ...]  # pixels, then the fields of samples.Targets


@dataclass(frozen=True)
class DetectionLoss:
    """Called with the network and a batch of samples.DetectionSamples: {"class": scalar, "box": scalar}.

    Both are divided by the number of positive anchors in the batch. grid: the anchors, at any input size.
    """

    grid: AnchorGrid
    focal: bool = True
    by_box: BoxLoss = BoxLoss.GIOU
    box_weight: float = 2.0

    def __call__(self, net: nn.Module, batch: Batch) -> LossTerms:
        pixels, *targets = batch
        logits, offsets = net(normalized(pixels))
        return self.terms(logits, offsets, Targets(*targets), self.grid_of(pixels))

    def grid_of(self, pixels: Tensor) -> AnchorGrid:
        """The anchors over a batch [B, 3, H, W]."""
        return self.grid.at(pixels.shape[3], pixels.shape[2])

    def terms(self, logits: Tensor, offsets: Tensor, targets: Targets, grid: AnchorGrid) -> LossTerms:
        """logits [B, A, C], offsets [B, A, 4]."""
        classes = targets.classes
        positive = classes >= 0
        count = positive.sum().clamp(min=1)
        class_loss = focal_loss if self.focal else mined_cross_entropy
        by_class = class_loss(
            logits.flatten(0, 1), classes.flatten(), targets.wanted.flatten(), targets.unsure.flatten(0, 1)
        )
        anchors = torch.from_numpy(grid.cxcywh).to(offsets.device).expand(len(classes), -1, -1)[positive]  # [P, 4]
        chosen, truth = offsets[positive].float(), targets.boxes[positive]
        box_loss, of_boxes = BOX_LOSSES[self.by_box]
        if of_boxes:
            by_box = box_loss(decoded(chosen, anchors, grid.variances), truth)
        else:
            by_box = box_loss(chosen, encoded(truth, anchors, grid.variances))
        return {"class": by_class / count, "box": self.box_weight * by_box / count}


def normalized(pixels: Tensor) -> Tensor:
    """uint8 [B, 3, H, W] -> float32 (x - 127) / 128, in channels-last order, which convolutions on CPU like best."""
    return ((pixels.float() - 127) / 128).contiguous(memory_format=torch.channels_last)
