"""Knowledge distillation of a segmenter: what arXiv:1503.02531 does with an image, for every pixel.

Y. Liu et al., "Structured Knowledge Distillation for Semantic Segmentation" (arXiv:1903.04197), its pixel-wise part.
"""

from functools import partial

import torch.nn.functional as F
from torch import Tensor

from dlcli.card import ModelCard
from dlcli.training.segment.losses import MaskLoss
from dlcli.training.segment.options import SegmentTraining
from dlcli.training.teachers.flags import teaches
from dlcli.training.teachers.soft_targets import softened_divergence
from dlcli.training.teachers.taught_loss import TaughtLoss
from dlcli.training.teachers.teacher import load_teacher


def taught(options: SegmentTraining, card: ModelCard, loss: MaskLoss) -> MaskLoss | TaughtLoss:
    """The loss with the teacher that --teacher names, if it names one. Errors as of load_teacher."""
    if not teaches(options):
        return loss
    teacher = load_teacher(options.teacher, card, resizes=False, answers=options.teacher_weight > 0)
    apart = partial(pixels_apart, rows=teacher.rows, temperature=options.temperature)
    return TaughtLoss(loss, teacher, apart, options.teacher_weight, options.feature_weight)


def pixels_apart(ours: Tensor, theirs: Tensor, rows: Tensor, temperature: float) -> Tensor:
    """Softened divergence of the classes, its mean over pixels, void ones too -> scalar.

    ours: logits [B, C, h, w]. theirs: [B, K, h', w'], interpolated to h x w. rows: int64 [C] among the K.
    """
    theirs = theirs[:, rows].float()
    if theirs.shape[2:] != ours.shape[2:]:
        theirs = F.interpolate(theirs, ours.shape[2:], mode="bilinear", align_corners=False)
    return softened_divergence(ours, theirs, temperature)
