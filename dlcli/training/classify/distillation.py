"""Knowledge distillation of a classifier: the student learns the teacher's probabilities, softened by a temperature.

G. Hinton, O. Vinyals, J. Dean, "Distilling the Knowledge in a Neural Network" (arXiv:1503.02531). Both see the same
augmented image, so that the student copies a function and not one answer an image (arXiv:2106.05237).
"""

from functools import partial

from dlcli.card import ModelCard
from dlcli.training.classify.losses import BatchLoss
from dlcli.training.classify.options import ClassifyTraining
from dlcli.training.teachers.flags import teaches
from dlcli.training.teachers.soft_targets import softened_divergence, softened_yes_or_no
from dlcli.training.teachers.taught_loss import TaughtLoss
from dlcli.training.teachers.teacher import load_teacher


def taught(options: ClassifyTraining, card: ModelCard, loss: BatchLoss) -> BatchLoss | TaughtLoss:
    """The loss with the teacher that --teacher names, if it names one. Errors as of load_teacher."""
    if not teaches(options):
        return loss
    teacher = load_teacher(options.teacher, card, answers=options.teacher_weight > 0)
    apart = partial(
        softened_yes_or_no if loss.loss.multi_label else softened_divergence, temperature=options.temperature
    )
    return TaughtLoss(
        loss,
        teacher,
        lambda ours, theirs: apart(ours, theirs[:, teacher.rows]),
        options.teacher_weight,
        options.feature_weight,
    )
