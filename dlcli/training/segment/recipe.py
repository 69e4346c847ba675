"""`dlcli train segment`: from images with class masks to RUN/best.safetensors."""

from pathlib import Path

import numpy as np
from rich.console import Console
from torch import nn

from dlcli.card import ModelCard
from dlcli.data.kinds import MASKS
from dlcli.data.masks import MaskSet
from dlcli.evaluation.evaluate import score_images
from dlcli.nets.build_segmenter import build_segmenter, segmenter_forward
from dlcli.nets.torchvision.segmenters import TorchvisionSegmenter
from dlcli.tasks.segment.segmenter import Segmenter
from dlcli.training.data import checked, read_checked
from dlcli.training.init import NONE, backbone_of
from dlcli.training.loaders import repeat_factors
from dlcli.training.log import TrainingReport
from dlcli.training.segment.card import normalizer, segmenter_card
from dlcli.training.segment.checks import check_batch, check_options, class_weights
from dlcli.training.segment.data import class_pixels, joined
from dlcli.training.segment.init import resolved_start, start_segmenter
from dlcli.training.segment.mask_losses.total import MaskLoss, parse_loss
from dlcli.training.segment.options import GRABCUT, SegmentTraining
from dlcli.training.segment.plots import write_images
from dlcli.training.segment.samples import MaskSamples
from dlcli.training.segment.weak_masks import guess_masks, weak_set
from dlcli.training.trainer import Run, train

WEAK = "weak-masks"  # RUN's folder of masks that GrabCut guessed


def train_segment(options: SegmentTraining, console: Console) -> None:
    """See training.run.train."""
    train(SegmentRun, options, console)


class SegmentRun(Run):
    """A segmenter; nets.build_segmenter knows which there are."""

    best_by = "miou"
    panels = {  # noqa: RUF012
        "loss": ("dice", "ce", "focal"),
        "on val": ("miou", "mdice", "pixel_accuracy"),
    }
    train: MaskSet
    val: MaskSet

    @classmethod
    def check(cls, options: SegmentTraining) -> None:
        check_options(options)

    @classmethod
    def read(cls, options: SegmentTraining, report: TrainingReport) -> tuple[MaskSet, MaskSet]:
        learn = read_checked(MASKS, options.data, options.split, None, options.skip_bad, report)
        choose = read_checked(MASKS, options.data, options.val_split, learn.labels, options.skip_bad, report)
        check_batch(options, len(learn.items))
        if options.weak_masks:
            weak = weak_set(weak_folder(options, learn, report), options.data, learn)
            learn = joined(learn, checked(MASKS, weak, options.weak_masks, options.skip_bad, report))
        return learn, choose

    def make_card(self) -> ModelCard:
        return segmenter_card(self.options, self.train)

    def make_net(self) -> nn.Module:
        return build_segmenter(self.card)

    def start(self, new: bool) -> nn.Module:
        """With the pixels of each class in each image counted, which losses and draws ask for."""
        self.pixels = class_pixels(self.train, self.report)
        return super().start(new)

    def start_weights(self, net: nn.Module) -> list[str]:
        return start_segmenter(net, self.options.from_)

    def backbone(self) -> nn.Module | None:
        """torchvision's too, where it starts from weights."""
        if isinstance(self.net, TorchvisionSegmenter) and resolved_start(self.net, self.options.from_) != NONE:
            return self.net.net.backbone
        return backbone_of(self.net)

    def make_loss(self) -> MaskLoss:
        options = self.options
        return MaskLoss(
            parse_loss(options.loss),
            normalizer(self.card),
            class_weights(options.class_weights, self.pixels, self.card.labels),
            options.label_smoothing,
            options.dice_per_image,
            options.dice_smooth,
        )

    def make_samples(self) -> MaskSamples:
        options = self.options
        return MaskSamples(self.train, options.seed, (options.zoom, options.expand))

    def repeats(self) -> np.ndarray:
        """Rare classes more often, the background aside; and true masks more often than weak ones."""
        background = self.card.decoding["background"]
        present = [np.flatnonzero(row) for row in self.pixels]
        present = [ids[ids != background] for ids in present]
        wanted = repeat_factors(present, len(self.card.labels), self.options.balance)
        weak = np.array([is_weak(item.annotation, self.options) for item in self.train.items])
        return wanted * np.where(weak | ~weak.any(), 1.0, self.options.true_weight)

    def measure(self) -> dict[str, float]:
        """mIoU, Dice and pixel accuracy; RUN/classes.csv, confusion.png and samples/ show where they come from."""
        segmenter = Segmenter(self.card, segmenter_forward(self.state.ema.module))
        with self.report.bar("measuring", len(self.val.items)) as bar:

            def after_image(done: int, total: int) -> None:
                bar.at(done, total)
                self.keep_or_stop()

            found = score_images(MASKS, segmenter, self.val, after_image)
        scores = found.scores
        write_images(self.options.out, self.state.epoch + 1, segmenter, self.card.labels, scores, found.images)
        return {name: float(getattr(scores, name)) for name in ("miou", "mdice", "pixel_accuracy")}


def weak_folder(options: SegmentTraining, learn: MaskSet, report: TrainingReport) -> Path:
    """The folder that --weak-masks names, or RUN/weak-masks, filled first."""
    if options.weak_masks != GRABCUT:
        return Path(options.weak_masks)
    with report.bar("guessing masks", 0) as bar:
        guess_masks(options.data, learn, options.out / WEAK, bar.at)
    return options.out / WEAK


def is_weak(mask: Path | None, options: SegmentTraining) -> bool:
    folder = options.out / WEAK if options.weak_masks == GRABCUT else Path(options.weak_masks)
    return bool(options.weak_masks) and mask is not None and mask.parent == folder
