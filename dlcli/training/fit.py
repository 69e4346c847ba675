"""Runs a plan: epochs, checkpoints, going on where a run was stopped, the moving average, the best weights."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

import torch
from rich.console import Console

from dlcli.errors import DlcliError, ExitCode, SaidElsewhereError
from dlcli.models.run_folder import BEST
from dlcli.nets.weights import save_weights
from dlcli.runtime.allocator import keep_freed_memory
from dlcli.runtime.threads import default_threads
from dlcli.signals import StopRequest, end_at_once, exit_code, listen
from dlcli.training.batch_size.measure import numbered, with_batch
from dlcli.training.beginning import accumulated, new_state, restore
from dlcli.training.checkpoint import LAST, good_checkpoint, plain, save_checkpoint, write_config
from dlcli.training.device import described
from dlcli.training.folder_lock import locked_folder
from dlcli.training.log import TrainLog
from dlcli.training.loop import DivergedError, Every, train_epoch
from dlcli.training.lr_find.range_test import check_lr_find, find_rate
from dlcli.training.optimization.determinism import only_deterministic
from dlcli.training.optimization.stopping import best_epoch, is_better, is_over
from dlcli.training.plan import EpochEnd, Plan, Validation
from dlcli.training.processes.alone import ALONE, Alone
from dlcli.training.processes.together import LOST, processes
from dlcli.training.runs.batch_sheet import write_batch
from dlcli.training.runs.record import DIVERGED, DONE, RUNNING, STOPPED, RunRecord, typed_words
from dlcli.training.runs.report.page import write_report
from dlcli.training.runs.resuming import check_same_data, matching_checkpoint, say_longer
from dlcli.training.runs.tensorboard import need_tensorboard, teller_of
from dlcli.whole_file import write_text

Checkpoint = Mapping[str, Any]
ADVICE = "start again with a lower --lr or a smaller --clip"
Recipe = Callable[[Any, TrainLog, Checkpoint | None], Plan]  # options, log, what a run that goes on was saved as


def train(recipe: Recipe, options: Any, console: Console) -> None:
    """Make the plan and train by it, or go on with a run; RUN holds config.json, last.pt and best.safetensors.

    options: those of a training; each has out, resume, seed, threads, checkpoint_minutes and quiet.
    UsageError for options that do not fit together, DataError for bad data, both before the first step; DlcliError
    where the loss is no longer a number. A signal: InterruptedRunError, after the step under way is kept.
    """
    options = numbered(options)
    need_tensorboard(options)
    check_lr_find(options)
    with processes(options) as group, ExitStack() as stack, only_deterministic(options.deterministic):
        first = group.rank.is_first
        log = TrainLog(console, options.quiet or not first)
        group.agreed(lambda: stack.enter_context(locked_folder(options)) if first else None)
        saved = group.from_first(
            group.agreed(lambda: matching_checkpoint(options) if first and options.resume else None)
        )
        say_longer(saved, options, log)
        keep_freed_memory()
        torch.set_num_threads(options.threads or max(1, default_threads() // group.rank.local_count))
        quiet = TrainLog(console, quiet=True)
        options = group.agreed(lambda: with_batch(options, lambda tried: planned(recipe, tried, quiet, saved), log))
        plan = group.agreed(lambda: planned(recipe, options, log, saved) if first else None)
        plan = group.agreed(lambda: plan or planned(recipe, options, log, saved))  # which finds what the first wrote
        if getattr(options, "lr_find", False):
            find_rate(plan, options, log)
        else:
            fit(plan, options, log, saved, group)


def planned(recipe: Recipe, options: Any, log: TrainLog, saved: Checkpoint | None) -> Plan:
    """What the recipe makes of the options. Errors as in `train`."""
    torch.manual_seed(options.seed)
    return recipe(options, log, saved)


def fit(plan: Plan, options: Any, log: TrainLog, saved: Checkpoint | None = None, group: Alone = ALONE) -> None:
    """Train as the plan says, from the start or from `saved`. Errors as in `train`."""
    with listen() as stop:
        trainer = group.agreed(lambda: Trainer(plan, options, log, stop, saved, group))
        log.say(f"{plan.opening}\non {trainer.device}")
        trainer.run()
    log.say(f"{plan.last_line(trainer.state.best)} ({log.took()})")


class Trainer:
    """A plan under way: its state, and when that is to be kept."""

    def __init__(
        self,
        plan: Plan,
        options: Any,
        log: TrainLog,
        stop: StopRequest,
        saved: Checkpoint | None = None,
        group: Alone = ALONE,
    ):
        self.plan, self.options, self.log, self.stop, self.group = plan, options, log, stop, group
        self.part = group.part(plan.batches)
        self.state, self.accumulate = new_state(plan, group), accumulated(plan)
        if saved:
            check_same_data(saved, options, plan.data)
            restore(self.state, saved, f"{options.out / LAST}")
        self.device = described(plan.schedule.device, torch.get_num_threads(), group.rank.count)
        images = len(plan.data.get("images", ()))
        self.record = RunRecord(options, typed_words(), plan.best_by, plan.fingerprint, images, self.device)
        self.loss = plan.loss
        self.clock, self.speed = Every(options.checkpoint_minutes), 0.0
        self.began, self.first = time.monotonic(), self.state.total
        if group.rank.is_first:
            self.begin(new=saved is None)
            self.tell_tensorboard = teller_of(options, self.state.epoch)

    def begin(self, new: bool) -> None:
        """The files of a run that is under way."""
        write_config(self.options, self.plan.card)
        for name, text in self.plan.files.items():
            write_text(self.options.out / name, text)
        self.note(RUNNING)
        if new:
            write_batch(self.plan.batches, self.options.out)
            self.save()  # a run that is killed before its first checkpoint can be resumed too

    def run(self) -> None:
        """Every epoch that is left. DlcliError: another process has ended; what was learned so far is kept."""
        try:
            self.loss = self.group.learner(self.plan.loss, self.plan.net)
            self.epochs()
        except Exception as error:
            if not self.group.is_loss_of_process(error):
                raise
            self.save()
            self.note(STOPPED)
            self.end_if_stopped()
            raise self.lost() from error

    def lost(self) -> DlcliError:
        rank, last = self.group.rank, self.options.out / LAST
        who = "" if rank.is_first else f"{rank}: "
        kept = f", at step {self.state.total}" if rank.is_first else ""
        return DlcliError(f"{who}{LOST}; {last} is kept{kept}; go on with --resume")

    def epochs(self) -> None:
        for epoch in range(self.state.epoch, self.plan.schedule.epochs):
            if self.is_over():
                break
            started = time.monotonic()
            self.learn(epoch)
            self.finish(epoch)
            self.record.end_epoch(time.monotonic() - started)
            self.note(RUNNING)
        self.note(DONE)

    def note(self, state: str) -> None:
        """RUN/run.json, as the run stands; RUN/report.html where it ends."""
        if self.group.rank.is_first:
            self.record.write(state, time.monotonic() - self.began, self.state.history)
            if state != RUNNING:
                write_report(self.options.out)

    def is_over(self) -> bool:
        """Whether the run ends here by its patience, which is then said."""
        name, patience, history = self.plan.best_by, self.plan.schedule.patience, self.state.history
        best = best_epoch(history, name)
        if best is None or not is_over(history, name, patience):
            return False
        self.log.say(f"early stopping: no better {name} for {len(history) - best:.0f} epochs; epoch {best:.0f} is best")
        return True

    def learn(self, epoch: int) -> None:
        """The steps of one epoch, or those that are left of it."""
        plan, state = self.plan, self.state
        plan.set_training()
        first, started = state.step, time.monotonic()
        title = plan.title.format(epoch=epoch + 1, epochs=plan.schedule.epochs)
        with self.log.bar(title, plan.batches.steps // self.accumulate, state.step) as bar, self.saying_what_is_good():

            def after_step() -> None:
                note = " ".join(f"{name} {value:.3f}" for name, value in state.means().items())
                bar.step(note, self.left() if plan.schedule.epochs > 1 else None)
                self.hear()
                self.keep_or_stop()

            batches = self.part(epoch, state.step * self.accumulate)
            train_epoch(state, batches, self.loss, after_step, plan.schedule.bfloat16, self.accumulate)
        images = (state.step - first) * self.accumulate * plan.batches.size
        self.speed = images / max(time.monotonic() - started, 1e-9)

    @contextmanager
    def saying_what_is_good(self) -> Iterator[None]:
        try:
            yield
        except DivergedError as error:
            if not self.group.rank.is_first:
                raise SaidElsewhereError(ExitCode.STOPPED) from error
            self.note(DIVERGED)
            raise DlcliError(f"{error}; {good_checkpoint(self.options.out)}; {ADVICE}") from error

    def finish(self, epoch: int) -> None:
        """Validate, keep the weights if they are the best so far, and write down what the epoch brought."""
        state, schedule = self.state, self.plan.schedule
        row: dict[str, float] = {"epoch": epoch + 1, **state.means()}
        validation = None
        first = self.group.rank.is_first
        if first and ((epoch + 1) % schedule.eval_every == 0 or epoch + 1 == schedule.epochs):
            validation = self.validate()
        row = self.group.from_first(row | (validation.metrics if validation else {}))
        best = self.is_best(row)
        if best and first:
            save_weights(self.options.out / BEST, state.ema.module, card=self.plan.card)
        state.end_epoch(row)
        if first:
            self.tell(row, validation, best)

    def tell(self, row: dict[str, float], validation: Validation | None, best: bool) -> None:
        """What an epoch brought, to whoever wants to know, and to RUN."""
        state, epochs = self.state, self.plan.schedule.epochs
        net, left = state.ema.module, self.left()
        end = EpochEnd(state.epoch, epochs, row, state.history, net, validation, best, self.speed, left)
        for hook in self.plan.hooks:
            hook(end)
        self.tell_tensorboard(end, max(group["lr"] for group in state.optimizer.param_groups))
        self.save()

    def left(self) -> float:
        """Seconds until the run ends, if steps and validations go on as since it began or was resumed."""
        done = self.state.total - self.first
        return (time.monotonic() - self.began) / max(done, 1) * (self.state.steps - self.state.total)

    def validate(self) -> Validation | None:
        """It may take long, and nothing is learned meanwhile: a signal ends the program at once."""
        if self.plan.validate is None:
            return None
        with end_at_once(self.keep), self.log.bar("measuring") as bar:

            def after_image(done: int, total: int) -> None:
                bar.at(done, total)
                self.keep_or_stop()

            return self.plan.validate(self.state.ema.module, after_image)

    def is_best(self, row: Mapping[str, float]) -> bool:
        """Whether the weights are the best so far; where nothing chooses, the latest are."""
        name, state = self.plan.best_by, self.state
        if not name:
            return True
        first = not any(name in earlier for earlier in state.history)
        if name not in row or not (first or is_better(row[name], state.best, name)):
            return False
        state.best = row[name]
        return True

    def hear(self) -> None:
        """A signal that came to any of the processes: all stop after the same step."""
        signal = self.group.largest(self.stop.signal)
        if signal:
            self.stop.signal = signal

    def keep_or_stop(self) -> None:
        """A checkpoint where one is due or the run is to stop; then it stops."""
        if self.stop.signal or self.clock.due():
            self.save()
            self.note(STOPPED if self.stop.signal else RUNNING)
        self.end_if_stopped()

    def end_if_stopped(self) -> None:
        if self.stop.signal and not self.group.rank.is_first:
            raise SaidElsewhereError(exit_code(self.stop.signal))
        self.stop.raise_if_any(self.kept())

    def keep(self, _word: str) -> str:
        self.save()
        self.note(STOPPED)
        return self.kept()

    def kept(self) -> str:
        """What is said when the run is stopped."""
        return f"stopped after step {self.state.total}; go on with --resume"

    def save(self) -> None:
        if not self.group.rank.is_first:
            return
        facts = {"config": plain(self.options), "data": dict(self.plan.data)}
        save_checkpoint(self.options.out, {**self.state.to_dict(), **facts, **self.plan.facts})
