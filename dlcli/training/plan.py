"""A training as a value: what a recipe returns, and fit.py runs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import Any, Protocol

import torch
from torch import nn

from dlcli.card import ModelCard
from dlcli.frozen import dataclass
from dlcli.training.device import CPU, training_device
from dlcli.training.engine_options import EngineOptions, Precision
from dlcli.training.loop import LossTerms
from dlcli.training.optim import Group
from dlcli.training.optimization.names import OptimizerName
from dlcli.training.optimization.schedules import RateCurve, parse_drops
from dlcli.training.options import TrainingOptions

Progress = Callable[[int, int], None]  # done, of how many


@dataclass(frozen=True)
class Schedule:
    """How long a training goes on, and how each step moves the weights.

    epochs: above 0.
    warmup: steps over which the rate rises, at most a quarter of the run.
    clip: the largest norm of the gradient; 0: any.
    ema: decay of the weights' moving average, 0 to 1.
    eval_every: validate after so many epochs, and after the last.
    bfloat16: compute convolutions and products of matrices in it.
    optimizer, momentum: see optimizers.build_optimizer. curve: of the learning rate after the warm-up.
    clip_value: the largest value of the gradient; 0: any.
    accumulate: batches whose gradients are averaged into one step, at most those of an epoch.
    patience: epochs without a better metric after which the run ends; 0: it never does.
    dropout: in place of the network's own. device: where the network learns.
    """

    epochs: int
    warmup: int
    clip: float
    ema: float
    eval_every: int = 1
    bfloat16: bool = False
    optimizer: OptimizerName = OptimizerName.ADAMW
    momentum: float = 0.9
    curve: RateCurve = field(default_factory=RateCurve)
    clip_value: float = 0.0
    accumulate: int = 1
    patience: int = 0
    dropout: float | None = None
    device: torch.device = CPU

    @classmethod
    def of(cls, options: TrainingOptions) -> "Schedule":
        """UsageError: options that do not fit together, or a device that is not there."""
        return replace(
            cls.by_engine(options, options.epochs, options.warmup, options.clip, options.ema),
            eval_every=options.eval_every,
            curve=replace(curve_of(options), wait=options.lr_wait),
            patience=options.patience,
            dropout=options.dropout,
        )

    def measuring_every(self, epochs: int) -> "Schedule":
        """The same, validated after so many epochs, and after the last."""
        return replace(self, eval_every=epochs)

    @classmethod
    def by_engine(cls, options: EngineOptions, epochs: int, warmup: int, clip: float, ema: float) -> "Schedule":
        """What every training sets, and these for one without labels. Errors as in `of`."""
        return cls(
            epochs,
            warmup,
            clip,
            ema,
            bfloat16=options.precision is Precision.BFLOAT16,
            optimizer=options.optimizer,
            momentum=options.momentum,
            curve=curve_of(options),
            clip_value=options.clip_value,
            accumulate=options.accumulate,
            device=training_device(options.device),
        )


def curve_of(options: EngineOptions) -> RateCurve:
    return RateCurve(options.schedule, options.cycles, parse_drops(options.lr_steps), options.lr_factor)


class Batches(Protocol):
    """What is learned from."""

    @property
    def steps(self) -> int:
        """How many batches an epoch has."""

    @property
    def size(self) -> int:
        """How many images a batch has."""

    def __call__(self, epoch: int, done: int) -> Iterator[Any]:
        """The batches of an epoch, from 0, without the first `done`. They depend on nothing that came before."""


@dataclass(frozen=True)
class Validation:
    """metrics: name -> value, for metrics.csv. details: whatever the plan's hooks make of it."""

    metrics: dict[str, float]
    details: Any = None


@dataclass(frozen=True)
class EpochEnd:
    """What hooks are given after an epoch.

    epoch: its number, from 1; epochs: of how many.
    row: its mean losses, and the metrics where it was validated.
    history: the rows of all epochs so far.
    net: with the averaged weights.
    validation: None where it was not validated.
    best: whether these weights are the best so far.
    speed: images learned from in a second, 0 where none were.
    left: seconds until the run ends, if it goes on as so far.
    """

    epoch: int
    epochs: int
    row: dict[str, float]
    history: Sequence[dict[str, float]]
    net: nn.Module
    validation: Validation | None
    best: bool
    speed: float
    left: float


Hook = Callable[[EpochEnd], None]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One training of one network, whatever the task.

    card: of the network as this run trains it; scores and license come at export.
    net: with the weights that a new run starts from; those of one that goes on come from its checkpoint.
    groups: the weights that learn, each with its lr, peak_lr and weight_decay (optim.weight_groups).
    loss: of the network and a batch.
    set_training: puts the network into training mode, but for what stays as it came.
    validate: scores a network with the averaged weights, by the predictor that is shipped. None: there is no val set.
    best_by: the metric that chooses the weights to keep (stopping.py says of which the smaller is better); "" keeps
        those of the last epoch.
    hooks: called in turn after each epoch, before it counts as done.
    data: name -> list of names, what has to be the same in a run that goes on: labels, images.
    facts: what else a checkpoint keeps.
    fingerprint: of the data, see fingerprint.fingerprint_of; "": none was taken.
    files: texts that the run's folder gets as it begins, by their names.
    opening: said before the first step. last_line: of the best metric, said after the last.
    title: of the progress bar, with {epoch} and {epochs}.
    """

    card: ModelCard
    net: nn.Module
    groups: list[Group]
    loss: Callable[[Any, Any], LossTerms]
    batches: Batches
    schedule: Schedule
    set_training: Callable[[], object]
    data: Mapping[str, list[str]]
    opening: str
    last_line: Callable[[float], str]
    validate: Callable[[nn.Module, Progress], Validation] | None = None
    best_by: str = ""
    hooks: tuple[Hook, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    fingerprint: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    title: str = "epoch {epoch}/{epochs}"
