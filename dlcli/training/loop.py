"""The training loop: next batch, forward, backward, clip, step, average. Recipes bring the network and the loss."""

import math
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.swa_utils import AveragedModel

from dlcli.errors import DlcliError
from dlcli.training.optim import averaged_steps, clip_gradients, schedule, set_averaged_steps, set_rate

LossTerms = dict[str, Tensor]  # name -> scalar; their sum is minimized


@dataclass
class TrainingState:
    """Everything that moves while a network learns, and all that a resumed run needs.

    ema: see optim.average_of.
    steps: of the whole run.
    warmup, clip: see plan.Schedule.
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
            if any(value.numel() > 1 and value.shape != parameter.shape for value in kept.values()):
                raise ValueError("the optimizer's state is of other sizes than the network")
        for name in ("epoch", "step", "total", "best", "sums", "history"):
            setattr(self, name, saved[name])
        torch.set_rng_state(saved["random"])

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
) -> None:
    """Go through the batches once. DlcliError where a loss or the gradient is no longer a number.

    bfloat16: convolutions and products of matrices are computed in it (torch.autocast); the weights stay float32.
    """
    for batch in batches:
        set_rate(state.optimizer, schedule(state.total, state.steps, state.warmup))
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            terms = loss_of(state.net, batch)
        loss = torch.stack(list(terms.values())).sum()
        values = {name: float(value.detach()) for name, value in terms.items()}
        _check_finite({f"the {name} loss": value for name, value in values.items()}, state)
        state.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        _check_finite({"the gradient": clip_gradients(state.net, state.clip)}, state)
        state.optimizer.step()
        state.ema.update_parameters(state.net)
        state.step += 1
        state.total += 1
        state.sums = {name: state.sums.get(name, 0.0) + value for name, value in values.items()}
        after_step()


def _check_finite(values: dict[str, float], state: TrainingState) -> None:
    for name, value in values.items():
        if not math.isfinite(value):
            raise DlcliError(
                f"training diverged: {name} is {value} at step {state.total + 1} (epoch {state.epoch + 1}); "
                "start again with a lower --lr or a smaller --clip"
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
