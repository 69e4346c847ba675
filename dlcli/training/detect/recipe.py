"""`dlcli train detect`: from a labeled folder to RUN/best.safetensors."""

from typing import Any

import numpy as np
from rich.console import Console
from torch import nn

from dlcli.card import ModelCard
from dlcli.data.boxes import BoxSet
from dlcli.data.kinds import BOXES
from dlcli.evaluation.evaluate import score_images
from dlcli.nets.anchor_detector import AnchorDetector
from dlcli.nets.factory import build_detector, torch_forward
from dlcli.ops.anchors import AnchorGrid
from dlcli.tasks.detect.detector import EVAL_LIMITS, Detector
from dlcli.training.detect.card import detector_card
from dlcli.training.detect.checks import check_batch, check_options, parse_sides
from dlcli.training.detect.data import checked_set
from dlcli.training.detect.loss import DetectionLoss
from dlcli.training.detect.options import BoxLoss, ClassLoss, DetectTraining, Net
from dlcli.training.detect.region_loss import RegionLoss
from dlcli.training.detect.samples import DetectionSamples, Draw
from dlcli.training.detect.start import OUTPUT, take_known_classes
from dlcli.training.init import find_weights, start_from
from dlcli.training.loaders import epoch_draws, repeat_factors
from dlcli.training.log import TrainingReport
from dlcli.training.trainer import Run, train


def train_detect(options: DetectTraining, console: Console) -> None:
    """See training.run.train."""
    train(DetectRun, options, console)


class DetectRun(Run):
    """A detector: AnchorDetector, or FastRcnn."""

    best_by = "map50"
    panels = {  # noqa: RUF012
        "loss": ("class", "box", "region_class", "region_box"),
        "average precision on val": ("map50", "map50_voc11", "map50_95"),
    }
    train: BoxSet
    val: BoxSet

    @classmethod
    def check(cls, options: DetectTraining) -> None:
        check_options(options)

    @classmethod
    def read(cls, options: DetectTraining, report: TrainingReport) -> tuple[BoxSet, BoxSet]:
        learn = checked_set(options.data, options.split, None, options.skip_bad, report)
        choose = checked_set(options.data, options.val_split, learn.labels, options.skip_bad, report)
        check_batch(options, len(learn.items))
        return learn, choose

    @property
    def grid(self) -> AnchorGrid:
        return AnchorGrid(self.options.size, self.options.size, sides=parse_sides(self.options.sides))

    def make_card(self) -> ModelCard:
        return detector_card(self.options, self.grid, self.train)

    def make_net(self) -> AnchorDetector:
        return build_detector(self.card)

    def start_weights(self, net: nn.Module) -> list[str]:
        """Where the output is for other classes, those that both know are taken from it."""
        anew = start_from(net, self.options.from_)
        if OUTPUT[0] in anew and isinstance(net, AnchorDetector):
            known = take_known_classes(net, self.card.labels, find_weights(self.options.from_))
            if known:
                self.report.say(f"--from {self.options.from_}: knows {len(known)} of {len(self.card.labels)} classes")
        return anew

    def make_loss(self) -> Any:
        return build_loss(self.options, self.grid)

    def make_samples(self) -> DetectionSamples:
        options = self.options
        thresholds, zoom = (options.positive, options.negative), (options.zoom, options.expand)
        return DetectionSamples(self.train, self.grid, options.seed, thresholds, zoom)

    def repeats(self) -> np.ndarray:
        present = [np.unique(item.target.class_ids[~item.target.ignore]) for item in self.train.items]
        return repeat_factors(present, len(self.train.labels), self.options.balance)

    def draws(self, epoch: int) -> list[Draw]:
        """With mosaics, but none in the last quarter, which looks like what comes later."""
        mosaic = self.options.mosaic if epoch < self.options.epochs * 3 // 4 else 0.0
        return epoch_draws(self.wanted, self.options.seed, epoch, self.size(epoch), mosaic)

    def measure(self) -> dict[str, float]:
        """Average precision."""
        detector = Detector(self.card, torch_forward(self.state.ema.module), EVAL_LIMITS)
        with self.report.bar("measuring", len(self.val.items)) as bar:

            def after_image(done: int, total: int) -> None:
                bar.at(done, total)
                self.keep_or_stop()

            scores = score_images(BOXES, detector.boxes, self.val, after_image).scores
        return {name: float(getattr(scores, name)) for name in ("map50", "map50_voc11", "map50_95")}


def build_loss(options: DetectTraining, grid: AnchorGrid) -> DetectionLoss | RegionLoss:
    """The loss of the network that is asked for."""
    loss = DetectionLoss(
        grid, options.class_loss is ClassLoss.FOCAL, options.box_loss is BoxLoss.GIOU, options.box_weight
    )
    return RegionLoss(loss) if options.net is Net.FAST_RCNN else loss
