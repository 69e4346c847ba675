"""The training loop: next batches, forward, backward, clip, step, average. Recipes bring the network and the loss."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

from dlcli.errors import DlcliError
from dlcli.training.device import CPU, moved, random_state_of, restore_random_state
from dlcli.training.optim import averaged_steps, clip_gradients, set_averaged_steps, set_rate
from dlcli.training.optimization.schedules import RateCurve
from dlcli.training.optimization.stopping import goodness
from dlcli.training.processes.alone import ALONE, Alone

LossTerms = dict[str, Tensor]  # name -> scalar; their sum is minimized


@dataclass
class TrainingState:
    """Everything that moves while a network learns, and all that a resumed run needs.

    ema: see optim.average_of.
    steps: of the whole run.
    warmup, clip, clip_value, curve, device: see plan.Schedule.
    best_by: the metric that the curve may follow, see plan.Plan.
    group: the processes that learn together.
    epoch: the one under way.
    step: steps done in it.
    total: steps done since the start.
    sums: each loss term, added up over the steps of this epoch.
    history: a row of losses and metrics for each epoch that is done.
    """

    net: nn.Module
    ema: AveragedModel
    optimizer: Optimizer
    steps: int
    warmup: int
    clip: float
    clip_value: float = 0.0
    curve: RateCurve = field(default_factory=RateCurve)
    device: torch.device = CPU
    best_by: str = ""
    group: Alone = ALONE
    epoch: int = 0
    step: int = 0
    total: int = 0
    best: float = -1.0
    sums: dict[str, float] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        return {
            "net": self.net.state_dict(),
            "ema": self.ema.module.state_dict(),
            "ema_steps": averaged_steps(self.ema),
            "optimizer": self.optimizer.state_dict(),
            "epoch": self.epoch,
            "step": self.step,
            "total": self.total,
            "best": self.best,
            "sums": self.sums,
            "history": self.history,
            "random": torch.get_rng_state(),
            **random_state_of(self.device),
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Go on from what `to_dict` gave. ValueError: it is of another network or optimizer."""
        try:
            self._restore(saved)
        except (RuntimeError, KeyError, TypeError, AttributeError, IndexError) as error:  # torch's own, for all that
            raise ValueError(str(error).strip().splitlines()[0] if str(error).strip() else repr(error)) from error

    def _restore(self, saved: dict[str, Any]) -> None:
        self.net.load_state_dict(saved["net"])
        self.ema.module.load_state_dict(saved["ema"])
        set_averaged_steps(self.ema, saved["ema_steps"])
        self.optimizer.load_state_dict(saved["optimizer"])
        for parameter, kept in self.optimizer.state.items():
            tensors = [value for value in kept.values() if value is not None]  # SGD has none without momentum
            if any(value.numel() > 1 and value.shape != parameter.shape for value in tensors):
                raise ValueError("the optimizer's state is of other sizes than the network")
        for name in ("epoch", "step", "total", "best", "sums", "history"):
            setattr(self, name, saved[name])
        torch.set_rng_state(saved["random"])
        restore_random_state(self.device, saved)

    def share(self) -> float:
        """Of the peak learning rate, in the step that comes next."""
        metrics = [goodness(self.best_by, row[self.best_by]) for row in self.history if self.best_by in row]
        return self.curve.share(self.total, self.steps, self.warmup, metrics)

    def means(self) -> dict[str, float]:
        """The mean of each loss term over the steps of this epoch."""
        return {name: value / self.step for name, value in self.sums.items()}

    def end_epoch(self, row: dict[str, float]) -> None:
        """The epoch is done; `row` is what was measured."""
        self.history = [*self.history, row]
        self.epoch, self.step, self.sums = self.epoch + 1, 0, {}


def train_epoch(
    state: TrainingState,
    batches: Iterable[Any],
    loss_of: Callable[[Any, Any], LossTerms],
    after_step: Callable[[], None],
    bfloat16: bool = False,
    accumulate: int = 1,
) -> None:
    """Go through the batches once. DivergedError where a loss or the gradient is no longer a number.

    bfloat16: convolutions and products of matrices are computed in it (torch.autocast); the weights stay float32.
    accumulate: batches of a step, whose gradients are averaged; what is left at the end is no step.
    """
    for parts in zip(*[iter(batches)] * accumulate, strict=False):
        set_rate(state.optimizer, state.share())
        state.optimizer.zero_grad(set_to_none=True)
        state.group.begin_step(state.total)
        found = [*_gathered(state, parts[:-1], loss_of, bfloat16, accumulate)]
        found.append(backward(state, parts[-1], loss_of, bfloat16, accumulate))
        values = {name: sum(part[name] for part in found) / accumulate for name in found[0]}
        _check_finite({"the gradient": clip_gradients(state.net, state.clip, state.clip_value)}, state)
        state.optimizer.step()
        state.ema.update_parameters(state.net)
        state.step += 1
        state.total += 1
        state.sums = {name: state.sums.get(name, 0.0) + value for name, value in values.items()}
        after_step()


def _gathered(
    state: TrainingState, batches: Iterable[Any], loss_of: Callable[[Any, Any], LossTerms], bfloat16: bool, parts: int
) -> Iterator[dict[str, float]]:
    """The same of batches that come before the last of a step."""
    for batch in batches:
        with state.group.gathering():
            yield backward(state, batch, loss_of, bfloat16, parts)


def backward(
    state: TrainingState, batch: Any, loss_of: Callable[[Any, Any], LossTerms], bfloat16: bool, parts: int
) -> dict[str, float]:
    """Add the gradient of a batch, one of so many of a step; its loss terms, over all processes."""
    with torch.autocast(state.device.type, torch.bfloat16, enabled=bfloat16):
        terms = loss_of(state.net, moved(batch, state.device))
    stacked = torch.stack(list(terms.values()))
    values = dict(zip(terms, state.group.mean(stacked.detach()).tolist(), strict=True))
    _check_finite({f"the {name} loss": value for name, value in values.items()}, state)
    (stacked.sum() / parts).backward()
    return values


class DivergedError(DlcliError):
    """A loss or gradient is no number. It names the step and the learning rate; fit adds what can be gone on from."""


def _check_finite(values: dict[str, float], state: TrainingState) -> None:
    for name, value in values.items():
        if not math.isfinite(value):
            rate = max(group["lr"] for group in state.optimizer.param_groups)
            raise DivergedError(
                f"training diverged: {name} is {value} at step {state.total + 1} (epoch {state.epoch + 1}), "
                f"learning rate {rate:g}"
            )


class Every:
    """True once in `minutes` of wall-clock time."""

    def __init__(self, minutes: float):
        self.seconds = minutes * 60
        self.last = time.monotonic()

    def due(self) -> bool:
        if self.seconds <= 0 or time.monotonic() - self.last < self.seconds:
            return False
        self.last = time.monotonic()
        return True
