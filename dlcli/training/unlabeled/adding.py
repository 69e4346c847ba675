"""What --unlabeled adds to a plan: batches of two sets, a loss of agreement, and a memory in the checkpoint."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import Tensor

from dlcli.errors import DataError
from dlcli.training.checkpoint import LAST, START_OVER
from dlcli.training.loaders import LabeledBatches
from dlcli.training.plan import Plan
from dlcli.training.unlabeled.agreement import RISE, Agreement, AgreementLoss, new_steps
from dlcli.training.unlabeled.batches import TwoSets
from dlcli.training.unlabeled.flags import Method
from dlcli.training.unlabeled.mean_teacher import MeanTeacher
from dlcli.training.unlabeled.pi_model import PiModel
from dlcli.training.unlabeled.temporal_ensembling import TemporalEnsembling

MEMORY = "unlabeled"  # in a checkpoint


def with_views(
    plan: Plan,
    options: Any,
    views: Any,
    normalized: Callable[[Tensor], Tensor],
    probabilities: Callable[[Tensor], Tensor],
    saved: Mapping[str, Any] | None,
) -> Plan:
    """The plan, which learns from `views` too, see batches.TwoViews.

    options: a training's, with those of flags.UnlabeledOptions. normalized, probabilities: see AgreementLoss. saved:
    the checkpoint of a run that goes on. DataError: it is of other images.
    """
    labeled = plan.batches
    assert isinstance(labeled, LabeledBatches)
    method, steps = new_method(options.method, plan, len(views), probabilities), new_steps()
    memory = {"run": steps, **method.memory()}
    restore(memory, saved, options.out)
    rise = round(RISE * labeled.steps * options.epochs)
    return replace(
        plan,
        batches=TwoSets(labeled, views),
        loss=AgreementLoss(plan.loss, normalized, probabilities, method, options.unlabeled_weight, rise, steps),
        facts={**plan.facts, MEMORY: memory},
    )


def new_method(method: Method, plan: Plan, images: int, probabilities: Callable[[Tensor], Tensor]) -> Agreement:
    if method is Method.PI_MODEL:
        return PiModel(probabilities)
    if method is Method.TEMPORAL_ENSEMBLING:
        return TemporalEnsembling(images, len(plan.card.labels))
    return MeanTeacher(plan.net, probabilities)


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
