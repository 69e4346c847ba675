"""`dlcli train detect`: from a labelled folder to RUN/best.safetensors."""

import math
from typing import Any

import torch
from rich.console import Console

from dlcli.data.detection_set import DetectionSet
from dlcli.evaluation.detect import EVAL_LIMITS, evaluate_detector
from dlcli.models.run_folder import BEST
from dlcli.nets.anchor_detector import AnchorDetector
from dlcli.nets.build import build_detector, torch_forward
from dlcli.nets.weights import save_weights
from dlcli.ops.anchors import AnchorGrid
from dlcli.runtime.threads import default_threads
from dlcli.tasks.detect.predict import Detector
from dlcli.training.checkpoint import save_checkpoint
from dlcli.training.data import checked_set
from dlcli.training.detect_card import detector_card, write_config
from dlcli.training.detect_checks import check_batch, check_options, parse_sides
from dlcli.training.detection_loss import DetectionLoss
from dlcli.training.ema import Ema
from dlcli.training.loaders import batches, epoch_draws, repeat_factors, steps_per_epoch
from dlcli.training.loop import Every, TrainingState, train_epoch
from dlcli.training.memory import keep_freed_memory
from dlcli.training.optim import build_adamw
from dlcli.training.options import BoxLoss, ClassLoss, DetectTraining, Net
from dlcli.training.region_loss import RegionLoss
from dlcli.training.report import TrainingReport, draw_curves, write_history
from dlcli.training.resume import check_same_data, data_facts, matching_checkpoint, plain
from dlcli.training.samples import DetectionSamples
from dlcli.training.start import freeze, set_training, start_from
from dlcli.training.stop import StopRequest, listen

PANELS = {
    "loss": ("class", "box", "region_class", "region_box"),
    "average precision on val": ("map50", "map50_voc11", "map50_95"),
}


def train_detect(options: DetectTraining, console: Console) -> None:
    """Train, or go on with a run; RUN holds config.json, metrics.csv, curves.png, last.pt and best.safetensors.

    UsageError for options that do not fit together, DataError for bad data, both before the first step; DlcliError
    where the loss is no longer a number. Ctrl-C: KeyboardInterrupt, after the step under way is kept.
    """
    check_options(options)
    saved = matching_checkpoint(options) if options.resume else None
    report = TrainingReport(console, options.quiet)
    train = checked_set(options.data, options.split, None, options.skip_bad, report)
    val = checked_set(options.data, options.val_split, train.labels, options.skip_bad, report)
    check_batch(options, len(train.pictures))
    if saved:
        check_same_data(saved, options, train)
    keep_freed_memory()
    torch.set_num_threads(options.threads or default_threads())
    torch.manual_seed(options.seed)
    with listen() as stop:
        run = Run(options, train, val, report, stop, saved)
        report.say(
            f"{len(train.pictures)} pictures to learn from, {len(val.pictures)} to choose by, "
            f"{len(train.labels)} classes; {sum(p.numel() for p in run.net.parameters()) / 1e6:.2f} M parameters"
        )
        run.go()
    report.say(
        f"{options.out / BEST}: best mAP50 on {options.val_split} {run.state.best:.4f}; "
        f"next: dlcli export {options.out}"
    )


class Run:
    """One training of one network: what it needs, epoch by epoch. saved: the checkpoint to go on from, if any."""

    def __init__(
        self,
        options: DetectTraining,
        train: DetectionSet,
        val: DetectionSet,
        report: TrainingReport,
        stop: StopRequest,
        saved: dict[str, Any] | None = None,
    ):
        self.options, self.train, self.val, self.report, self.stop = options, train, val, report, stop
        grid = AnchorGrid(options.size, options.size, sides=parse_sides(options.sides))
        self.card = detector_card(options, grid, train)
        self.net = self.start(new=saved is None)
        self.loss = build_loss(options, grid)
        self.repeats = repeat_factors(train, options.balance)
        self.samples = DetectionSamples(
            train, grid, options.seed, (options.positive, options.negative), (options.zoom, options.expand)
        )
        self.steps = steps_per_epoch(len(train.pictures), options.batch)
        self.state = self.start_state()
        if saved:
            self.state.restore(saved)
        self.clock = Every(options.checkpoint_minutes)
        write_config(options, self.card)

    def start(self, new: bool) -> AnchorDetector:
        """The network with its starting weights; those of a run that goes on come from its checkpoint."""
        options = self.options
        net = build_detector(self.card).to(memory_format=torch.channels_last)
        anew = start_from(net, options.from_) if new else []
        if anew:
            self.report.say(f"--from {options.from_}: {len(anew)} tensors start anew, such as {anew[0]}")
        freeze(net, options.freeze, options.from_)
        return net

    def start_state(self) -> TrainingState:
        options, net = self.options, self.net
        optimizer = build_adamw(net, net.backbone, options.lr, options.backbone_lr, options.weight_decay)
        total = self.steps * options.epochs
        return TrainingState(
            net, Ema(net, options.ema), optimizer, total, min(options.warmup, total // 4), options.clip
        )

    def go(self) -> None:
        for epoch in range(self.state.epoch, self.options.epochs):
            self.learn(epoch)
            self.finish(epoch)

    def learn(self, epoch: int) -> None:
        """The steps of one epoch, or those that are left of it."""
        options, state = self.options, self.state
        set_training(self.net, options.from_)
        draws = epoch_draws(self.repeats, options.seed, epoch, self.size(epoch), self.mosaic(epoch))
        loader = batches(self.samples, draws, options.batch, options.workers, state.step)
        with self.report.bar(f"epoch {epoch + 1}/{options.epochs}", self.steps, state.step) as bar:

            def after_step() -> None:
                bar.step(" ".join(f"{name} {value:.3f}" for name, value in state.means().items()))
                self.keep_or_stop()

            train_epoch(state, loader, self.loss, after_step)

    def finish(self, epoch: int) -> None:
        """Measure, keep the weights if they are the best so far, and write down what the epoch brought."""
        state, options = self.state, self.options
        row: dict[str, float] = {"epoch": epoch + 1, **state.means()}
        if (epoch + 1) % options.eval_every == 0 or epoch + 1 == options.epochs:
            row |= self.measure()
            if math.isnan(row["map50"]) or row["map50"] > state.best:
                state.best = row["map50"]
                save_weights(options.out / BEST, state.ema.net, card=self.card)
        state.end_epoch(row)
        write_history(options.out, state.history)
        draw_curves(options.out / "curves.png", state.history, PANELS)
        self.save()
        self.report.epoch(row, options.epochs)

    def measure(self) -> dict[str, float]:
        """Average precision of the averaged weights on val, by the predictor that is shipped."""
        detector = Detector(self.card, torch_forward(self.state.ema.net), EVAL_LIMITS)
        with self.report.bar("measuring", len(self.val.pictures)) as bar:

            def after_picture(done: int, total: int) -> None:
                bar.at(done, total)
                self.keep_or_stop()

            scores = evaluate_detector(detector.boxes, self.val, after_picture)
        return {name: float(getattr(scores, name)) for name in ("map50", "map50_voc11", "map50_95")}

    def keep_or_stop(self) -> None:
        """A checkpoint where one is due or the run is to stop; then it stops."""
        if self.stop.signal or self.clock.due():
            self.save()
        self.stop.raise_if_any(f"stopped after step {self.state.total}; go on with --resume")

    def save(self) -> None:
        facts = {"config": plain(self.options), "data": data_facts(self.train)}
        save_checkpoint(self.options.out, self.state.to_dict() | facts)

    def size(self, epoch: int) -> int:
        """The side of the input: smaller in the first half, if that is asked for."""
        small = self.options.start_size and epoch < self.options.epochs // 2
        return self.options.start_size if small else self.options.size

    def mosaic(self, epoch: int) -> float:
        """The share of mosaics: none in the last quarter, which looks like what comes later."""
        return self.options.mosaic if epoch < self.options.epochs * 3 // 4 else 0.0


def build_loss(options: DetectTraining, grid: AnchorGrid) -> DetectionLoss | RegionLoss:
    """The loss of the network that is asked for."""
    loss = DetectionLoss(
        grid, options.class_loss is ClassLoss.FOCAL, options.box_loss is BoxLoss.GIOU, options.box_weight
    )
    return RegionLoss(loss) if options.net is Net.FAST_RCNN else loss
