"""Knowledge distillation of a detector: the class scores of each anchor, as a teacher of the same anchors gives them.

The distance is quality focal loss (X. Li et al., "Generalized Focal Loss", arXiv:2006.04388): most anchors see nothing,
both say so, and such an anchor counts next to nothing, so that no choice of anchors is needed.
"""

from functools import partial
from typing import Any

import torch.nn.functional as F
from torch import Tensor

from dlcli.card import ModelCard
from dlcli.errors import UsageError
from dlcli.ops.anchors import AnchorGrid, grid_of
from dlcli.training.detect.loss import DetectionLoss
from dlcli.training.detect.options import DetectTraining, Net
from dlcli.training.teachers.flags import teaches
from dlcli.training.teachers.taught_loss import TaughtLoss
from dlcli.training.teachers.teacher import GIVEN_AS, load_teacher

Answer = tuple[Tensor, Tensor]  # logits [B, A, C] and offsets [B, A, 4]


def taught(options: DetectTraining, card: ModelCard, loss: Any) -> Any:
    """The loss with the teacher that --teacher names, if it names one. Errors as of load_teacher.

    UsageError: a student or a teacher with a second stage, or a teacher of other anchors.
    """
    if not teaches(options):
        return loss
    if options.net is not Net.ANCHOR or not isinstance(loss, DetectionLoss):
        raise UsageError(
            f"{GIVEN_AS} {options.teacher}: teaches --net {Net.ANCHOR} only; leave out --net {options.net}"
        )
    teacher = load_teacher(options.teacher, card, resizes=False, answers=options.teacher_weight > 0)
    if options.teacher_weight and _anchors(grid_of(teacher.card)) != _anchors(grid_of(card)):
        theirs = ",".join(f"{side:g}" for side in grid_of(teacher.card).sides)
        raise UsageError(f"{GIVEN_AS} {options.teacher}: has other anchors; pass --sides {theirs}, or another teacher")
    apart = partial(scores_apart, rows=teacher.rows, temperature=options.temperature)
    return TaughtLoss(loss, teacher, apart, options.teacher_weight, options.feature_weight)


def scores_apart(ours: Answer, theirs: Answer, rows: Tensor, temperature: float, beta: float = 2.0) -> Tensor:
    """|q - p|^beta (-q log p - (1 - q) log(1 - p)), summed, by the number of anchors where the teacher sees an object.

    p = sigmoid(ours / T), q = sigmoid(theirs / T) -> scalar. rows: int64 [C] among the teacher's classes.
    """
    z, wanted = ours[0].float() / temperature, theirs[0][..., rows].float() / temperature
    q = wanted.sigmoid()
    cost = F.binary_cross_entropy_with_logits(z, q, reduction="none") * (q - z.sigmoid()).abs().pow(beta)
    objects = (theirs[0][..., rows] > 0).any(-1).sum().clamp(min=1)
    return cost.sum() / objects


def _anchors(grid: AnchorGrid) -> dict[str, Any]:
    """Without the variances, which are of boxes."""
    return {name: value for name, value in grid.decoding().items() if name != "variances"}
