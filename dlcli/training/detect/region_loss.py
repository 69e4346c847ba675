"""The loss of Fast R-CNN over one batch: the anchor head's, and that of the second look at its proposals."""

import torch
import torch.nn.functional as F
from torch import Tensor

from dlcli.frozen import dataclass
from dlcli.nets.box_offsets import centered, encoded
from dlcli.nets.fast_rcnn import FastRcnn
from dlcli.ops.boxes import box_iou
from dlcli.ops.matching import IGNORED
from dlcli.training.detect.box_losses import smooth_l1_loss
from dlcli.training.detect.loss import Batch, DetectionLoss, normalized
from dlcli.training.detect.samples import Targets
from dlcli.training.loop import LossTerms

PER_IMAGE = 128  # regions learned from in an image
OBJECT_SHARE = 0.25  # at most this share of them holds an object: one to three
LEAST_IOU = 0.5  # a region with this IoU or more holds the object


@dataclass(frozen=True)
class Regions:
    """The regions of one image to learn from.

    xyxy: float32 [S, 4]. classes: int64 [S], the number of classes for background. truth: xyxy [S, 4], the object's
    box, 0 for background.
    """

    xyxy: Tensor
    classes: Tensor
    truth: Tensor


@dataclass(frozen=True)
class RegionLoss:
    """{"class", "box", "region_class", "region_box"}: scalars; the latter two a mean over the sampled regions.

    first: the anchor head's loss.
    """

    first: DetectionLoss

    def __call__(self, net: FastRcnn, batch: Batch) -> LossTerms:
        pixels, *rest = batch
        targets = Targets(*rest)
        grid = self.first.grid_of(pixels)
        levels = net.features(normalized(pixels))
        logits, offsets = net.head(levels)
        found = net.propose(logits, offsets, grid)
        regions = [sample_regions(*found[i], Targets(*(t[i] for t in targets))) for i in range(len(pixels))]
        region_logits, moves = net.look_again(levels, [r.xyxy for r in regions])
        terms = self.first.terms(logits, offsets, targets, grid)
        return terms | self.region_terms(region_logits, moves, regions)

    def region_terms(self, logits: Tensor, moves: Tensor, regions: list[Regions]) -> LossTerms:
        """logits [R, C + 1] and moves [R, 4] of the regions, image by image."""
        classes = torch.cat([r.classes for r in regions])
        count = max(1, len(classes))
        held = classes < logits.shape[1] - 1
        xyxy, truth = (torch.cat([getattr(r, name) for r in regions])[held] for name in ("xyxy", "truth"))
        wanted = encoded(truth, centered(xyxy), self.first.grid.variances)
        return {
            "region_class": F.cross_entropy(logits, classes, reduction="sum") / count,
            "region_box": smooth_l1_loss(moves[held], wanted) / count,
        }


def sample_regions(proposals: Tensor, anchors: Tensor, targets: Targets) -> Regions:
    """Draw regions from the proposals of one image and its true boxes.

    proposals: xyxy [R, 4]; anchors: int64 [R], where they come from. Every box with
    a class counts in full here, whatever score is wanted.
    At most PER_IMAGE regions, at most OBJECT_SHARE of them with an object. A region of less than LEAST_IOU is
    background, unless the targets say that its anchor is to be ignored, if only for one class.
    """
    truth, truth_classes = true_boxes(targets.classes, targets.boxes)
    background = targets.unsure.shape[1]
    xyxy = torch.cat([proposals, truth])
    best, nearest = _best_overlap(xyxy, truth)
    unsure = (targets.classes == IGNORED) | targets.unsure.any(1)
    ignored = torch.cat([unsure[anchors], unsure.new_zeros(len(truth))])
    objects = _drawn(torch.nonzero(best >= LEAST_IOU).squeeze(1), round(PER_IMAGE * OBJECT_SHARE))
    empty = _drawn(torch.nonzero((best < LEAST_IOU) & ~ignored).squeeze(1), PER_IMAGE - len(objects))
    return Regions(
        xyxy[torch.cat([objects, empty])],
        torch.cat([truth_classes[nearest[objects]], torch.full_like(empty, background)]),
        torch.cat([truth[nearest[objects]], proposals.new_zeros(len(empty), 4)]),
    )


def true_boxes(classes: Tensor, boxes: Tensor) -> tuple[Tensor, Tensor]:
    """The boxes [N, 4] and classes int64 [N] of an image, from its anchors' targets: classes [A], boxes [A, 4].

    Every box has at least one anchor (ops.matching.match_anchors), so none is lost.
    """
    matched = classes >= 0
    rows = torch.cat([boxes[matched], classes[matched, None].to(boxes.dtype)], 1).unique(dim=0)
    return rows[:, :4], rows[:, 4].long()


def _best_overlap(xyxy: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
    """The largest IoU of each region with a true box, and which box that is; 0 and 0 where there is none."""
    if len(truth) == 0:
        return xyxy.new_zeros(len(xyxy)), torch.zeros(len(xyxy), dtype=torch.int64, device=xyxy.device)
    best = torch.from_numpy(box_iou(xyxy.cpu().numpy(), truth.cpu().numpy())).to(xyxy.device).max(1)
    return best.values, best.indices


def _drawn(indices: Tensor, count: int) -> Tensor:
    """At most `count` of them, by torch's random numbers."""
    return indices[torch.randperm(len(indices))[:count].to(indices.device)]
