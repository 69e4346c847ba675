"""A training as a value: what a recipe returns, and fit.py runs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import Any, Protocol

from torch import nn

from dlcli.card import ModelCard
from dlcli.frozen import dataclass
from dlcli.training.loop import LossTerms
from dlcli.training.optim import Group
from dlcli.training.options import Precision, TrainingOptions

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
    """

    epochs: int
    warmup: int
    clip: float
    ema: float
    eval_every: int = 1
    bfloat16: bool = False

    @classmethod
    def of(cls, options: TrainingOptions) -> "Schedule":
        bfloat16 = options.precision is Precision.BFLOAT16
        return cls(options.epochs, options.warmup, options.clip, options.ema, options.eval_every, bfloat16)


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
    groups: the weights that learn, for AdamW, each with its lr, peak_lr and weight_decay (optim.weight_groups).
    loss: of the network and a batch.
    set_training: puts the network into training mode, but for what stays as it came.
    validate: scores a network with the averaged weights, by the predictor that is shipped. None: there is no val set.
    best_by: the metric, larger is better, that chooses the weights to keep; "" keeps those of the last epoch.
    hooks: called in turn after each epoch, before it counts as done.
    data: name -> list of names, what has to be the same in a run that goes on: labels, images.
    facts: what else a checkpoint keeps.
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
    files: Mapping[str, str] = field(default_factory=dict)
    title: str = "epoch {epoch}/{epochs}"
