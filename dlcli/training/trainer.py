"""One training from its first check to its last epoch, whatever the task; training/recipes bring what differs."""

import math
import time
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
import torch
from rich.console import Console
from torch import nn

from dlcli.card import ModelCard
from dlcli.errors import DataError
from dlcli.models.run_folder import BEST
from dlcli.nets.weights import save_weights
from dlcli.runtime.allocator import keep_freed_memory
from dlcli.runtime.threads import default_threads
from dlcli.signals import StopRequest, end_at_once, listen
from dlcli.training.checkpoint import ANEW, LAST, save_checkpoint
from dlcli.training.config import write_config
from dlcli.training.detect.samples import Draw
from dlcli.training.folder_lock import locked_folder
from dlcli.training.init import backbone_of, freeze, set_training, start_from
from dlcli.training.loaders import batch_size, batches, epoch_draws, steps_per_epoch
from dlcli.training.log import TrainingReport, draw_curves, write_history
from dlcli.training.loop import Every, LossTerms, TrainingState, train_epoch
from dlcli.training.optim import average_of, build_adamw
from dlcli.training.options import Precision, TrainingOptions
from dlcli.training.resume import Data, check_same_data, data_facts, matching_checkpoint, plain


class Run:
    """One training of one network: what it needs, epoch by epoch.

    A recipe's class says how it differs: `best_by` names the measure, larger is better, that chooses the weights;
    `panels` the curves to draw. `check`, `read`, `make_card`, `make_net`, `make_loss`, `make_samples`, `repeats` and
    `measure` are called in this order.
    """

    best_by: ClassVar[str]
    panels: ClassVar[dict[str, tuple[str, ...]]]

    def __init__(
        self,
        options: Any,
        train: Any,
        val: Any,
        report: TrainingReport,
        stop: StopRequest,
        saved: dict[str, Any] | None = None,
    ):
        """saved: the checkpoint to go on from, if any."""
        self.options, self.train, self.val, self.report, self.stop = options, train, val, report, stop
        self.saved = saved
        self.card = self.make_card()
        self.net = self.start(new=saved is None)
        self.loss, self.samples, self.wanted = self.make_loss(), self.make_samples(), self.repeats()
        self.steps = steps_per_epoch(len(train.items), options.batch)
        self.state = self.start_state()
        if saved:
            try:
                self.state.restore(saved)
            except ValueError as error:
                raise DataError(f"{options.out / LAST}: is of another training: {error}; {ANEW}") from error
        self.clock, self.speed = Every(options.checkpoint_minutes), 0.0
        write_config(options, self.card)

    @classmethod
    def check(cls, options: Any) -> None:
        """Refuse, before any work, options that do not fit together. UsageError."""

    @classmethod
    def read(cls, options: Any, report: TrainingReport) -> tuple[Data, Data]:
        """The images to learn from and those that choose the best weights. DataError names bad files."""
        raise NotImplementedError

    def make_card(self) -> ModelCard:
        """The card of the network as this run trains it; scores and license come at export."""
        raise NotImplementedError

    def make_net(self) -> nn.Module:
        """The network that the card describes, in its random start."""
        raise NotImplementedError

    def make_loss(self) -> Callable[[nn.Module, Any], LossTerms]:
        raise NotImplementedError

    def make_samples(self) -> Any:
        """A dataset of Draw -> sample (training.samples)."""
        raise NotImplementedError

    def repeats(self) -> np.ndarray:
        """Float64 [N]: how often each image should be drawn, see loaders.epoch_draws."""
        return np.ones(len(self.train.items))

    def measure(self) -> dict[str, float]:
        """Scores of the averaged weights (self.state.ema.module) on val, by the predictor that is shipped."""
        raise NotImplementedError

    def draws(self, epoch: int) -> list[Draw]:
        return epoch_draws(self.wanted, self.options.seed, epoch, self.size(epoch))

    def set_weights(self, net: nn.Module) -> None:
        """The weights that a new run starts from."""
        anew = self.start_weights(net)
        if anew:
            self.report.say(f"--from {self.options.from_}: {len(anew)} tensors are reinitialized, such as {anew[0]}")

    def start_weights(self, net: nn.Module) -> list[str]:
        """Set what `--from` names; the tensors that start anew all the same."""
        return start_from(net, self.options.from_)

    def start(self, new: bool) -> nn.Module:
        """The network with its starting weights; those of a run that goes on come from its checkpoint."""
        net: nn.Module = self.make_net().to(memory_format=torch.channels_last)
        if new:
            self.set_weights(net)
        freeze(net, self.options.freeze, self.options.from_)
        return net

    def set_training(self) -> None:
        """Put the network into training mode, but for what stays as it came."""
        set_training(self.net, self.options.from_)

    def backbone(self) -> nn.Module | None:
        """What learns at --backbone-lr."""
        return backbone_of(self.net)

    def facts(self) -> dict[str, Any]:
        """What else a checkpoint keeps; self.saved holds it in a run that goes on."""
        return {}

    def start_state(self) -> TrainingState:
        options, net = self.options, self.net
        optimizer = build_adamw(net, self.backbone(), options.lr, options.backbone_lr, options.weight_decay)
        total = self.steps * options.epochs
        return TrainingState(
            net, average_of(net, options.ema), optimizer, total, min(options.warmup, total // 4), options.clip
        )

    def go(self) -> None:
        for epoch in range(self.state.epoch, self.options.epochs):
            self.learn(epoch)
            self.finish(epoch)

    def learn(self, epoch: int) -> None:
        """The steps of one epoch, or those that are left of it."""
        options, state = self.options, self.state
        self.set_training()
        first, started = state.step, time.monotonic()
        loader = batches(self.samples, self.draws(epoch), options.batch, options.workers, state.step)
        with self.report.bar(f"epoch {epoch + 1}/{options.epochs}", self.steps, state.step) as bar:

            def after_step() -> None:
                bar.step(" ".join(f"{name} {value:.3f}" for name, value in state.means().items()))
                self.keep_or_stop()

            train_epoch(state, loader, self.loss, after_step, options.precision is Precision.BFLOAT16)
        images = (state.step - first) * batch_size(len(self.train.items), options.batch)
        self.speed = images / max(time.monotonic() - started, 1e-9)

    def finish(self, epoch: int) -> None:
        """Measure, keep the weights if they are the best so far, and write down what the epoch brought."""
        state, options = self.state, self.options
        row: dict[str, float] = {"epoch": epoch + 1, **state.means()}
        if (epoch + 1) % options.eval_every == 0 or epoch + 1 == options.epochs:
            with end_at_once(self.keep):  # it may take long, and nothing is learned meanwhile
                row |= self.measure()
            if math.isnan(row[self.best_by]) or row[self.best_by] > state.best:
                state.best = row[self.best_by]
                save_weights(options.out / BEST, state.ema.module, card=self.card)
        state.end_epoch(row)
        write_history(options.out, state.history)
        draw_curves(options.out / "curves.png", state.history, self.panels)
        self.save()
        self.report.epoch(row, options.epochs, self.speed)

    def keep_or_stop(self) -> None:
        """A checkpoint where one is due or the run is to stop; then it stops."""
        if self.stop.signal or self.clock.due():
            self.save()
        self.stop.raise_if_any(self.kept())

    def keep(self, _word: str) -> str:
        self.save()
        return self.kept()

    def kept(self) -> str:
        """What is said when the run is stopped."""
        return f"stopped after step {self.state.total}; go on with --resume"

    def save(self) -> None:
        facts = {"config": plain(self.options), "data": data_facts(self.train)}
        save_checkpoint(self.options.out, self.state.to_dict() | facts | self.facts())

    def size(self, epoch: int) -> int:
        """The side of the input: smaller in the first half, if that is asked for."""
        small = self.options.start_size and epoch < self.options.epochs // 2
        return self.options.start_size if small else self.options.size


def train(recipe: type[Run], options: TrainingOptions, console: Console) -> None:
    """Train, or go on with a run; RUN holds config.json, metrics.csv, curves.png, last.pt and best.safetensors.

    UsageError for options that do not fit together, DataError for bad data, both before the first step; DlcliError
    where the loss is no longer a number. A signal: InterruptedRunError, after the step under way is kept.
    """
    recipe.check(options)
    with locked_folder(options):
        _train(recipe, options, TrainingReport(console, options.quiet))


def _train(recipe: type[Run], options: TrainingOptions, report: TrainingReport) -> None:
    saved = matching_checkpoint(options) if options.resume else None
    learn, choose = recipe.read(options, report)
    if saved:
        check_same_data(saved, options, learn)
    keep_freed_memory()
    torch.set_num_threads(options.threads or default_threads())
    torch.manual_seed(options.seed)
    with listen() as stop:
        run = recipe(options, learn, choose, report, stop, saved)
        report.say(
            f"{len(learn.items)} images to learn from, {len(choose.items)} to choose by, "
            f"{len(learn.labels)} classes; {sum(p.numel() for p in run.net.parameters()) / 1e6:.2f} M parameters"
        )
        run.go()
    report.say(
        f"{options.out / BEST}: best {recipe.best_by} on {options.val_split} {run.state.best:.4f}; "
        f"next: dlcli export {options.out}"
    )
