"""`--batch auto`: the memory of a step with few and with more images, and the batch that follows; fit.train asks."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from dlcli.errors import UsageError
from dlcli.training.batch_size.peak import PeakMemory
from dlcli.training.batch_size.words import AUTO, parse_batch
from dlcli.training.beginning import new_state
from dlcli.training.loaders import LabeledBatches
from dlcli.training.log import TrainLog
from dlcli.training.loop import TrainingState, train_epoch
from dlcli.training.plan import Plan
from dlcli.training.processes.rank import this_rank
from dlcli.units import show_size

FEW, MORE = 2, 8  # images of the steps that are measured
SHARE = 0.6  # of the memory that a training may take: the rest is for validation, workers and others
FEWEST_STEPS = 8  # of an epoch, so that a small set does not become a single batch
LARGEST = 256


def numbered(options: Any) -> Any:
    """The options with --batch as a number, or as AUTO. UsageError: it is neither."""
    given = parse_batch(options.batch) if hasattr(options, "batch") else None
    return options if given is None or given is options.batch else replace(options, batch=given)


def with_batch(options: Any, plan_of: Callable[[Any], Plan], log: TrainLog) -> Any:
    """The options with a number as --batch, which is said where it is measured.

    options: `numbered`. plan_of: the plan of options. UsageError: nothing can be measured.
    """
    if getattr(options, "batch", 0) != AUTO:
        return options
    if this_rank().count > 1:
        raise UsageError("--batch auto: is measured in one process; pass a number to several")
    found, why = measured(plan_of(replace(options, batch=FEW)))
    log.say(f"--batch {AUTO}: {found} images a step, {why}")
    return replace(options, batch=found)


def measured(plan: Plan) -> tuple[int, str]:
    """The batch, and what limits it in words. plan: with FEW images a step. UsageError: as of `with_batch`."""
    batches = plan.batches
    if not isinstance(batches, LabeledBatches):
        raise UsageError("--batch auto: cannot be measured with --unlabeled; pass a number")
    peak, state, images = PeakMemory(plan.schedule.device), new_state(plan), len(batches.repeats)
    limit = peak.limit()
    plan.set_training()
    one_step(plan, state, batches, FEW)  # what is taken once: the optimizer's state, the libraries' own memory
    few, more = (_peak_of(peak, plan, state, batches, count) for count in (FEW, min(MORE, images)))
    each = max(1.0, (more - few) / max(1, min(MORE, images) - FEW))
    fitting = int(FEW + (limit * SHARE - few) / each)
    return chosen(fitting, images, f"{show_size(each)} each of {show_size(limit)} of memory")


def chosen(fitting: int, images: int, measure: str) -> tuple[int, str]:
    """The largest power of two that fits and leaves FEWEST_STEPS in an epoch, at least FEW; and why, in words.

    fitting: images whose step fits into the memory. images: of an epoch.
    """
    most = max(0, min(fitting, images // FEWEST_STEPS, LARGEST))
    batch = min(max(FEW, 1 << max(0, most.bit_length() - 1)), max(1, images))
    if fitting <= batch == FEW:
        return batch, f"the fewest: {measure}"
    if most == fitting:
        return batch, f"as many as fit: {measure}"
    limit = f"{FEWEST_STEPS} steps an epoch" if most == images // FEWEST_STEPS else f"{LARGEST} at most"
    return batch, f"for {limit}; {fitting:,} would fit: {measure}"


def _peak_of(peak: PeakMemory, plan: Plan, state: TrainingState, batches: LabeledBatches, count: int) -> int:
    peak.begin()
    one_step(plan, state, batches, count)
    return peak.bytes()


def one_step(plan: Plan, state: TrainingState, batches: LabeledBatches, count: int) -> None:
    """A step as the training makes it, of so many images, loaded here."""
    options = replace(batches.options, batch=str(count), workers=0)
    first = next(replace(batches, options=options)(0, 0))
    with torch.random.fork_rng(devices=[]):
        train_epoch(state, [first], plan.loss, lambda: None, plan.schedule.bfloat16)
