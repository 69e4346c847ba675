"""A classifier that also learns from images without labels: two views of each, augmented as labeled images are."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import Dataset

from dlcli.data.classes import ClassSet
from dlcli.data.dataset import Item
from dlcli.training.classify.losses import BatchLoss
from dlcli.training.classify.options import ClassifyTraining
from dlcli.training.classify.samples import ClassSamples
from dlcli.training.log import TrainLog
from dlcli.training.plan import Plan
from dlcli.training.unlabeled.adding import with_views
from dlcli.training.unlabeled.batches import TwoViews
from dlcli.training.unlabeled.images import unlabeled_images

OTHER_SEED = 2**20  # the second view is the first one of a run with another seed


def with_unlabeled(
    plan: Plan,
    options: ClassifyTraining,
    samples: Dataset[Any],
    loss: BatchLoss,
    val_set: ClassSet,
    log: TrainLog,
    saved: Mapping[str, Any] | None,
) -> Plan:
    """The plan, which learns from --unlabeled too if that is given.

    samples: of the labeled images. loss: of them. Errors as of unlabeled_images and with_views.
    """
    if options.unlabeled is None:
        return plan
    images = unlabeled_images(options.unlabeled, [item.path for item in val_set.items], options.skip_bad, log)
    log.say(f"{options.unlabeled}: {len(images)} images without labels, by {options.method}")
    probabilities: Callable[[Tensor], Tensor] = (
        torch.sigmoid if loss.loss.multi_label else partial(torch.softmax, dim=1)
    )
    return with_views(plan, options, views_of(samples, images), loss.normalized, probabilities, saved)


def views_of(known: Dataset[Any], images: list[Path]) -> TwoViews:
    """known: the labeled images' ClassSamples."""
    assert isinstance(known, ClassSamples)
    bare = replace(known.data, items=tuple(Item(path, ()) for path in images))
    one, other = (ClassSamples(bare, known.card, known.seed + more, known.changes) for more in (1, OTHER_SEED))
    return TwoViews(one, other)
