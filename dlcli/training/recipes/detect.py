"""`dlcli train detect`: from a labelled folder to RUN/best.safetensors."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from rich.console import Console
from torch import nn

from dlcli import __version__
from dlcli.card import ModelCard
from dlcli.data.detection_set import DetectionSet
from dlcli.errors import UsageError
from dlcli.evaluation.detect import EVAL_LIMITS, evaluate_detector
from dlcli.models.run_folder import BEST, CONFIG
from dlcli.nets.anchor_detector import AnchorDetector
from dlcli.nets.efficientnet_lite import load_imagenet
from dlcli.nets.layers import freeze_norms
from dlcli.nets.weights import load_weights, save_weights
from dlcli.ops.anchors import AnchorGrid
from dlcli.runtime.threads import default_threads
from dlcli.tasks.detect.predict import Detector, Forward
from dlcli.training.checkpoint import LAST, load_checkpoint, save_checkpoint
from dlcli.training.data import checked_set
from dlcli.training.detection_loss import DetectionLoss
from dlcli.training.ema import Ema
from dlcli.training.loaders import EpochOrder, batches, repeat_factors
from dlcli.training.loop import Every, TrainingState, train_epoch
from dlcli.training.memory import keep_freed_memory
from dlcli.training.optim import build_adamw
from dlcli.training.options import BoxLoss, ClassLoss, DetectTraining
from dlcli.training.report import TrainingReport, draw_curves, write_history
from dlcli.training.samples import DetectionSamples
from dlcli.training.stop import StopRequest, listen

PANELS = {"loss": ("class", "box"), "average precision on val": ("map50", "map50_voc11", "map50_95")}


def train_detect(options: DetectTraining, console: Console) -> None:
    """Train, or go on with a run; RUN holds config.json, metrics.csv, curves.png, last.pt and best.safetensors."""
    check_options(options)
    report = TrainingReport(console, options.quiet)
    train = checked_set(options.data, options.split, None, options.skip_bad, report)
    val = checked_set(options.data, options.val_split, train.labels, options.skip_bad, report)
    keep_freed_memory()
    torch.set_num_threads(options.threads or default_threads())
    torch.manual_seed(options.seed)
    run = Run(options, train, val, report)
    report.say(
        f"{len(train.pictures)} pictures to learn from, {len(val.pictures)} to choose by, "
        f"{len(train.labels)} classes; {sum(p.numel() for p in run.net.parameters()) / 1e6:.2f} M parameters"
    )
    with listen() as stop:
        run.go(stop)
    report.say(
        f"{options.out / BEST}: best mAP50 on {options.val_split} {run.state.best:.4f}; next: dlcli export {options.out}"
    )


def check_options(options: DetectTraining) -> None:
    """Refuse what no single option's range can say. UsageError, before any work."""
    for name, size in (("--size", options.size), ("--start-size", options.start_size)):
        if size % 64:
            raise UsageError(f"{name} {size}: expected a multiple of 64, such as 320")
    if options.negative > options.positive:
        raise UsageError(f"--negative {options.negative}: expected at most --positive {options.positive}")
    if options.resume and not (options.out / LAST).exists():
        raise UsageError(f"--resume: {options.out / LAST} is not there; start the run without --resume")
    if not options.resume and (options.out / LAST).exists():
        raise UsageError(f"{options.out} holds a run already; choose another --out, or go on with --resume")


class Run:
    """One training of one network: what it needs, epoch by epoch."""

    def __init__(self, options: DetectTraining, train: DetectionSet, val: DetectionSet, report: TrainingReport):
        self.options, self.train, self.val, self.report = options, train, val, report
        self.grid = AnchorGrid(options.size, options.size, sides=parse_sides(options.sides))
        self.net = build_net(options, self.grid, len(train.labels), report)
        self.samples = DetectionSamples(
            train, self.grid, options.seed, (options.positive, options.negative), (options.zoom, options.expand)
        )
        self.repeats = repeat_factors(train, options.balance)
        grids = {size: self.samples.grid_of(size) for size in {options.size, options.start_size or options.size}}
        self.loss = DetectionLoss(
            grids, options.class_loss is ClassLoss.FOCAL, options.box_loss is BoxLoss.GIOU, options.box_weight
        )
        optimizer = build_adamw(self.net, self.net.backbone, options.lr, options.backbone_lr, options.weight_decay)
        self.steps_per_epoch = max(1, len(train.pictures) // options.batch)
        steps = self.steps_per_epoch * options.epochs
        self.state = TrainingState(self.net, Ema(self.net, options.ema), optimizer, steps, options.warmup, options.clip)
        self.clock = Every(options.checkpoint_minutes)
        if options.resume:
            self.state.restore(matching_checkpoint(options))
        self.write_config()

    def go(self, stop: StopRequest) -> None:
        for epoch in range(self.state.epoch, self.options.epochs):
            self.run_epoch(epoch, stop)

    def run_epoch(self, epoch: int, stop: StopRequest) -> None:
        set_training(self.net, self.options.freeze)
        skip = self.state.step * self.options.batch
        order = EpochOrder(self.repeats, self.options.seed, epoch, self.size(epoch), self.mosaic(epoch), skip)
        loader = batches(self.samples, order, self.options.batch, self.options.workers)
        title = f"epoch {epoch + 1}/{self.options.epochs}"
        with self.report.bar(title, self.steps_per_epoch, self.state.step) as bar:

            def after_step(state: TrainingState, means: dict[str, float]) -> None:
                bar.step(" ".join(f"{name} {value:.3f}" for name, value in means.items()))
                if stop.signal or self.clock.due():
                    save_checkpoint(self.options.out, self.saved())
                stop.raise_if_any(f"stopped after step {state.total}; go on with --resume")

            means = train_epoch(self.state, loader, self.loss, after_step)
        self.finish_epoch(epoch, means)

    def finish_epoch(self, epoch: int, means: dict[str, float]) -> None:
        state, options = self.state, self.options
        row: dict[str, float] = {"epoch": epoch + 1, **means}
        if (epoch + 1) % options.eval_every == 0 or epoch + 1 == options.epochs:
            row |= self.measure()
            if row["map50"] > state.best:
                state.best = row["map50"]
                save_weights(options.out / BEST, state.ema.net)
        state.epoch, state.step = epoch + 1, 0
        state.history.append(row)
        write_history(options.out, state.history)
        draw_curves(options.out / "curves.png", state.history, PANELS)
        save_checkpoint(options.out, self.saved())
        self.report.epoch(row, options.epochs)

    def measure(self) -> dict[str, float]:
        """Average precision of the averaged weights on val."""
        detector = Detector(
            detector_card(self.options, self.grid, self.train), torch_forward(self.state.ema.net), EVAL_LIMITS
        )
        with self.report.bar("measuring", len(self.val.pictures)) as bar:
            scores = evaluate_detector(detector.boxes, self.val, bar.at)
        return {name: float(getattr(scores, name)) for name in ("map50", "map50_voc11", "map50_95")}

    def size(self, epoch: int) -> int:
        small = self.options.start_size and epoch < self.options.epochs // 2
        return self.options.start_size if small else self.options.size

    def mosaic(self, epoch: int) -> float:
        return self.options.mosaic if epoch < self.options.epochs * 3 // 4 else 0.0

    def saved(self) -> dict[str, Any]:
        return {**self.state.to_dict(), "config": plain(self.options)}

    def write_config(self) -> None:
        from dlcli.whole_file import write_whole

        card = detector_card(self.options, self.grid, self.train)
        config = {
            "dlcli": __version__,
            "task": "detect",
            "options": plain(self.options),
            "card": json.loads(card.to_json()),
        }
        write_whole(self.options.out / CONFIG, (json.dumps(config, indent=1) + "\n").encode())


def build_net(options: DetectTraining, grid: AnchorGrid, classes: int, report: TrainingReport) -> AnchorDetector:
    """The network with its starting weights, its early layers frozen."""
    net = AnchorDetector(classes, grid.per_cell)
    if options.from_ == "imagenet":
        net.backbone.load_state_dict(load_imagenet().backbone.state_dict())
    elif options.from_ != "none":
        left = load_weights(Path(options.from_), net, partial=True)
        if left:
            report.say(f"{options.from_}: {len(left)} tensors of another shape start anew, such as {left[0]}")
    net.to(memory_format=torch.channels_last)
    for layer in net.backbone.early(options.freeze - 1) if options.freeze else []:
        layer.requires_grad_(False)
    return net


def set_training(net: AnchorDetector, freeze: int) -> None:
    """Training mode, with the backbone's batch statistics as they were."""
    net.train()
    freeze_norms(net.backbone)


def torch_forward(net: nn.Module) -> Forward:
    """The network as the predictor calls it."""

    def forward(tensor: "np.ndarray") -> tuple["np.ndarray", "np.ndarray"]:
        with torch.inference_mode():
            x = torch.from_numpy(tensor).contiguous(memory_format=torch.channels_last)
            logits, offsets = net(x)
        return logits[0].numpy(), offsets[0].numpy()

    return forward


def detector_card(options: DetectTraining, grid: AnchorGrid, data: DetectionSet) -> ModelCard:
    """The card of the network as this run trains it; scores and licence come at export."""
    return ModelCard(
        name=options.out.name.lower().replace(" ", "-") or "run",
        task="detect",
        labels=data.labels,
        input=(options.size, options.size),
        mean=(127.0, 127.0, 127.0),
        std=(128.0, 128.0, 128.0),
        fill=(127, 127, 127),
        max_stretch=1.5,
        decoding=grid.decoding() | {"scores": "sigmoid"},
        training={
            "data": options.data.name,
            "split": options.split,
            "pictures": len(data.pictures),
            "net": str(options.net),
            "epochs": options.epochs,
            "seed": options.seed,
            "dlcli": __version__,
        },
    )


def matching_checkpoint(options: DetectTraining) -> dict[str, Any]:
    """RUN/last.pt, if it was made with the same options. UsageError names the first that differs."""
    saved = load_checkpoint(options.out)
    free = {"resume", "quiet", "workers", "threads", "checkpoint_minutes", "out", "data"}
    for name, value in plain(options).items():
        if name not in free and saved["config"].get(name) != value:
            raise UsageError(
                f"--resume: --{name.strip('_').replace('_', '-')} was {saved['config'].get(name)} in {options.out}, now {value}; "
                "give what the run was started with"
            )
    return saved


def plain(options: DetectTraining) -> dict[str, Any]:
    """The options as JSON has them."""
    return {k: str(v) if isinstance(v, (Path, str)) else v for k, v in asdict(options).items()}


def parse_sides(text: str) -> tuple[float, ...]:
    """ "24,56,112,208" -> numbers, one a level."""
    try:
        sides = tuple(float(word) for word in text.split(","))
    except ValueError:
        sides = ()
    if len(sides) != 4 or min(sides, default=0) <= 0:
        raise UsageError(f"--sides {text}: expected 4 lengths in pixels, such as 24,56,112,208")
    return sides
