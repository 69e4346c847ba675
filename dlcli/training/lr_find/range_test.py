"""`--lr-find`: learns with a rate that rises until the loss does, and proposes one; fit.train comes here instead."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from dlcli.errors import DlcliError, UsageError
from dlcli.signals import listen
from dlcli.training.beginning import accumulated, new_state
from dlcli.training.log import TrainLog
from dlcli.training.loop import DivergedError, TrainingState, backward
from dlcli.training.lr_find.curve import STEPS, RangeCurve, proposal, rates
from dlcli.training.lr_find.plot import draw_range
from dlcli.training.optim import clip_gradients, set_rate
from dlcli.training.plan import Plan
from dlcli.training.processes.rank import this_rank
from dlcli.training.runs.record import typed_words
from dlcli.whole_file import write_whole

FILE = "lr-find.png"
REPLACED = ("--lr", "--backbone-lr")


def check_lr_find(options: Any) -> None:
    """UsageError: --lr-find with what it cannot be with."""
    if not getattr(options, "lr_find", False):
        return
    if options.resume or getattr(options, "kfold", 0):
        other = "--resume" if options.resume else "--kfold"
        raise UsageError(f"--lr-find: trains nothing, so that {other} has no meaning; leave one of them out")
    if this_rank().count > 1:
        raise UsageError("--lr-find: runs in one process; start it without torchrun")
    if not options.lr:
        raise UsageError("--lr-find --lr 0: expected an --lr above 0, whose ratio to --backbone-lr is kept")


def find_rate(plan: Plan, options: Any, log: TrainLog) -> None:
    """Say a learning rate for the plan, and draw the curve as OUT/lr-find.png; nothing else is written.

    DlcliError: no rate lowers the loss. A signal ends it: InterruptedRunError.
    """
    state = new_state(plan)
    log.say(f"{plan.opening}\nlearning-rate range test on {state.device}")
    plan.set_training()
    curve = RangeCurve()
    with listen() as stop, log.bar("lr-find", STEPS) as bar:
        for curve in steps(plan, state, options.lr):
            bar.step(f"lr {curve.rates[-1]:.1e} loss {curve.losses[-1]:.3f}")
            stop.raise_if_any("stopped; nothing was trained")
    found, path = proposal(curve), options.out / FILE
    write_whole(path, draw_range(curve, found))
    if found is None:
        raise DlcliError(
            f"--lr-find: no learning rate from {rates()[0]:g} to {rates()[-1]:g} lowers the loss, see {path}; look at "
            "the labels (dlcli doctor), or give larger batches by --batch"
        )
    log.say(
        f"{path}: the loss falls fastest at --lr {found:g}; seen {len(curve.rates)} steps, up to {curve.rates[-1]:.1e}"
    )
    log.say(f"next: {next_command(typed_words(), options, found)}")


def steps(plan: Plan, state: TrainingState, lr: float) -> Iterator[RangeCurve]:
    """The curve so far after each step; it ends early where the loss is far above its lowest, or no number."""
    curve, source = RangeCurve(), _batches(plan)
    for rate in rates():
        set_rate(state.optimizer, rate / lr)
        state.optimizer.zero_grad(set_to_none=True)
        try:
            loss = _gradient(plan, state, source)
        except DivergedError:
            return
        clip_gradients(state.net, plan.schedule.clip, plan.schedule.clip_value)
        state.optimizer.step()
        curve = curve.and_then(rate, loss)
        yield curve
        if curve.is_over:
            return


def _gradient(plan: Plan, state: TrainingState, source: Iterator[Any]) -> float:
    """Of one step; the sum of its loss terms."""
    parts = accumulated(plan)
    found = [backward(state, next(source), plan.loss, plan.schedule.bfloat16, parts) for _ in range(parts)]
    return sum(sum(terms.values()) for terms in found) / parts


def _batches(plan: Plan) -> Iterator[Any]:
    """Of the first epochs, without end."""
    epoch = 0
    while True:
        yield from plan.batches(epoch, 0)
        epoch += 1


def next_command(words: Sequence[str], options: Any, rate: float) -> str:
    """The command that trains with this rate, and the backbone's in the same ratio as before."""
    backbone = f"{options.backbone_lr * rate / options.lr:.2g}"
    kept = [*_without_rates(words), "--lr", f"{rate:g}", "--backbone-lr", backbone]
    return shlex.join(["dlcli", *kept])


def _without_rates(words: Sequence[str]) -> Iterator[str]:
    left = iter(words)
    for word in left:
        if word in REPLACED:
            next(left, None)
        elif word != "--lr-find" and word.partition("=")[0] not in REPLACED:
            yield word
