"""Where a training begins: the state before its first step, or the one that a run was saved in; fit.py goes on."""

from collections.abc import Mapping
from typing import Any

from dlcli.errors import DataError, UsageError
from dlcli.training.checkpoint import START_OVER
from dlcli.training.loop import TrainingState
from dlcli.training.optim import average_of
from dlcli.training.optimization.dropout import set_dropout
from dlcli.training.optimization.names import ScheduleName
from dlcli.training.optimization.optimizers import build_optimizer
from dlcli.training.plan import Plan
from dlcli.training.processes.alone import ALONE, Alone


def accumulated(plan: Plan) -> int:
    """Batches of a step: those that were asked for, or all of an epoch where it has fewer."""
    return min(plan.schedule.accumulate, plan.batches.steps)


def new_state(plan: Plan, group: Alone = ALONE) -> TrainingState:
    """Before the first step; the network is on its device. UsageError: options that the plan has no use for."""
    schedule = plan.schedule
    if not plan.best_by and (schedule.patience or schedule.curve.shape is ScheduleName.PLATEAU):
        raise UsageError("--schedule plateau: nothing is measured while this learns; expected another schedule")
    set_dropout(plan.net, schedule.dropout)
    plan.net.to(schedule.device)
    total = plan.batches.steps // accumulated(plan) * schedule.epochs
    return TrainingState(
        plan.net,
        average_of(plan.net, schedule.ema),
        build_optimizer(schedule.optimizer, plan.groups, schedule.momentum),
        total,
        min(schedule.warmup, total // 4),
        schedule.clip,
        schedule.clip_value,
        schedule.curve,
        schedule.device,
        plan.best_by,
        group,
    )


def restore(state: TrainingState, saved: Mapping[str, Any], name: str) -> None:
    """Go on from `saved`. DataError: it is of another training. name: of its file."""
    try:
        state.restore(dict(saved))
    except ValueError as error:
        raise DataError(f"{name}: is of another training: {error}; {START_OVER}") from error
