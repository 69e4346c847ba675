"""A classifier that also learns from images without labels: what --unlabeled adds to a plan."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from dlcli.data.classes import ClassSet
from dlcli.data.dataset import Item
from dlcli.errors import DataError
from dlcli.training.checkpoint import LAST, START_OVER
from dlcli.training.classify.losses import BatchLoss
from dlcli.training.classify.options import ClassifyTraining
from dlcli.training.classify.samples import ClassSamples
from dlcli.training.loaders import LabeledBatches
from dlcli.training.log import TrainLog
from dlcli.training.plan import Plan
from dlcli.training.teachers.taught_loss import TaughtLoss
from dlcli.training.unlabeled.agreement import RISE, Agreement, AgreementLoss, new_steps
from dlcli.training.unlabeled.batches import TwoSets, TwoViews
from dlcli.training.unlabeled.flags import Method
from dlcli.training.unlabeled.images import unlabeled_images
from dlcli.training.unlabeled.mean_teacher import MeanTeacher
from dlcli.training.unlabeled.pi_model import PiModel
from dlcli.training.unlabeled.temporal_ensembling import TemporalEnsembling

MEMORY = "unlabeled"  # in a checkpoint
OTHER_SEED = 2**20  # the second view is the first one of a run with another seed


def with_unlabeled(
    plan: Plan, options: ClassifyTraining, val_set: ClassSet, log: TrainLog, saved: Mapping[str, Any] | None
) -> Plan:
    """The plan, which learns from --unlabeled too if that is given. Errors as of unlabeled_images."""
    if options.unlabeled is None:
        return plan
    images = unlabeled_images(options.unlabeled, [item.path for item in val_set.items], options.skip_bad, log)
    log.say(f"{options.unlabeled}: {len(images)} images without labels, by {options.method}")
    own = plan.loss.loss if isinstance(plan.loss, TaughtLoss) else plan.loss
    labeled = plan.batches
    assert isinstance(own, BatchLoss)
    assert isinstance(labeled, LabeledBatches)
    probabilities: Callable[[Tensor], Tensor] = torch.sigmoid if own.loss.multi_label else partial(torch.softmax, dim=1)
    method = new_method(options.method, plan, len(images), probabilities)
    steps = new_steps()
    memory = {"run": steps, **method.memory()}
    restore(memory, saved, options.out)
    rise = round(RISE * labeled.steps * options.epochs)
    return replace(
        plan,
        batches=TwoSets(labeled, views_of(labeled, images)),
        loss=AgreementLoss(plan.loss, own.normalized, probabilities, method, options.unlabeled_weight, rise, steps),
        facts={**plan.facts, MEMORY: memory},
    )


def new_method(method: Method, plan: Plan, images: int, probabilities: Callable[[Tensor], Tensor]) -> Agreement:
    if method is Method.PI_MODEL:
        return PiModel(probabilities)
    if method is Method.TEMPORAL_ENSEMBLING:
        return TemporalEnsembling(images, len(plan.card.labels))
    return MeanTeacher(plan.net, probabilities)


def views_of(labeled: LabeledBatches, images: list[Path]) -> TwoViews:
    """Two views, augmented as labeled images are."""
    known = labeled.samples
    assert isinstance(known, ClassSamples)
    bare = replace(known.data, items=tuple(Item(path, ()) for path in images))
    one, other = (ClassSamples(bare, known.card, known.seed + more, known.changes) for more in (1, OTHER_SEED))
    return TwoViews(one, other)


def restore(memory: Mapping[str, Any], saved: Mapping[str, Any] | None, run: Path) -> None:
    """Fill the memory from a checkpoint, in place. DataError: the images are others, or it has none."""
    for name, value in (memory if saved is not None else {}).items():
        try:
            kept = saved[MEMORY][name]  # type: ignore[index]
            parts = value if isinstance(value, dict) else {"": value}
            for key, tensor in parts.items():
                tensor.copy_(kept[key] if key else kept)
        except (KeyError, TypeError, RuntimeError) as error:
            raise DataError(f"{run / LAST}: was learned from other unlabeled images; {START_OVER}") from error
