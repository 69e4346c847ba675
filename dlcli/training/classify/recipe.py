"""`dlcli train classify`: from a folder per class to RUN/best.safetensors."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from rich.console import Console
from torch import Tensor, nn

from dlcli.card import ModelCard
from dlcli.data.classes import ClassSet
from dlcli.data.folders import files_in
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import CLASSES
from dlcli.errors import DataError, UsageError
from dlcli.evaluation.confusion_plot import draw_confusion
from dlcli.evaluation.evaluate import score_images, whole_way
from dlcli.metrics.classification import TOP, ClassificationScores
from dlcli.nets.build_classifier import network, torch_class_forward
from dlcli.nets.torchvision.classifiers import PREFIX, has_fixed_side
from dlcli.tasks.classify.classifier import Classifier
from dlcli.training.checkpoint import ANEW, LAST
from dlcli.training.classify.card import classifier_card
from dlcli.training.classify.data import read_to_learn
from dlcli.training.classify.init import (
    freeze_classifier,
    freeze_count,
    quicken_norms,
    set_training_classifier,
    slow_parameters,
    start_classifier,
)
from dlcli.training.classify.losses import LabelLoss, balancing_weights, multi_hot
from dlcli.training.classify.mixing import Mixing
from dlcli.training.classify.options import ClassifyTraining, ClassWeights
from dlcli.training.classify.samples import Changes, ClassSamples
from dlcli.training.init import NONE
from dlcli.training.loaders import repeat_factors
from dlcli.training.log import TrainingReport
from dlcli.training.loop import LossTerms, TrainingState
from dlcli.training.trainer import Run, train
from dlcli.whole_file import write_whole

CONFUSION = "confusion.png"


def train_classify(options: ClassifyTraining, console: Console) -> None:
    """See training.run.train."""
    train(MultiLabelRun if is_multi_label(options) else ClassifyRun, options, console)


def is_multi_label(options: ClassifyTraining) -> bool:
    """Whether an image may have several classes: by --multi-label, or because some has. DataError: no data there."""
    if options.multi_label or not (options.data.is_file() or files_in(options.data, ".csv")):
        return options.multi_label
    return read_dataset(CLASSES, options.data, None).multi_label


def check_network(options: ClassifyTraining) -> None:
    """UsageError: no such network, or not for images of these sides."""
    for size in (options.size, options.start_size):
        if size:
            network(options.net, 2, size)
    if options.start_size and options.net.startswith(PREFIX) and has_fixed_side(options.net.removeprefix(PREFIX)):
        raise UsageError(f"--start-size {options.start_size}: {options.net} takes one size only; leave it out")


@dataclass(frozen=True)
class BatchLoss:
    """Called with the network and a batch of ClassSamples: {"class": scalar}. mean, std: as in the card."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    mixing: Mixing
    loss: LabelLoss

    def __call__(self, net: nn.Module, batch: tuple[Tensor, Tensor]) -> LossTerms:
        pixels, targets = batch
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (self.mean, self.std))
        x = ((pixels.float() - mean) / std).contiguous(memory_format=torch.channels_last)
        x, targets = self.mixing(x, targets)
        return {"class": self.loss(net(x).float(), targets)}


class ClassifyRun(Run):
    """A classifier of one class an image."""

    best_by = "top1"
    panels = {"loss": ("class",), "share right on val": ("top1", "top5")}  # noqa: RUF012
    measures: ClassVar[tuple[str, ...]] = ("top1", "top5")
    multi_label = False
    train: ClassSet
    val: ClassSet

    @classmethod
    def check(cls, options: ClassifyTraining) -> None:
        """A network that cannot be built is refused before the images are read."""
        freeze_count(options.freeze)
        if options.batch == 1 and options.from_ == NONE:
            raise UsageError("--batch 1 --from none: batch statistics need two images or more; pass --batch 2")
        check_network(options)

    @classmethod
    def read(cls, options: ClassifyTraining, report: TrainingReport) -> tuple[ClassSet, ClassSet]:
        return read_to_learn(options, report)

    def make_card(self) -> ModelCard:
        return classifier_card(self.options, self.train, self.multi_label)

    def make_net(self) -> nn.Module:
        return network(self.options.net, len(self.card.labels), self.options.size)

    def start(self, new: bool) -> nn.Module:
        options = self.options
        net: nn.Module = self.make_net().to(memory_format=torch.channels_last)
        self.anew: list[str] = (
            start_classifier(net, options.net, options.from_, self.card.labels, self.report.say)
            if self.saved is None
            else _names_in(self.saved, options.out)
        )
        freeze_classifier(net, freeze_count(options.freeze), self.anew)
        return net

    def start_state(self) -> TrainingState:
        quicken_norms(self.net, self.steps * self.options.epochs)
        return super().start_state()

    def facts(self) -> dict[str, Any]:
        return {"anew": self.anew}

    def backbone(self) -> nn.Module | None:
        return slow_parameters(self.net, self.anew)

    def set_training(self) -> None:
        set_training_classifier(self.net, self.anew)

    def targets(self) -> Tensor:
        """Float32 [N, C], what the images to learn from are."""
        return torch.stack([multi_hot(item.target, len(self.card.labels)) for item in self.train.items])

    def make_loss(self) -> BatchLoss:
        options = self.options
        balanced = options.class_weights is ClassWeights.AUTO
        weights = balancing_weights(self.targets(), self.multi_label) if balanced else None
        loss = LabelLoss(self.multi_label, options.label_smoothing, weights)
        return BatchLoss(self.card.mean, self.card.std, Mixing(options.mixup, options.cutmix), loss)

    def make_samples(self) -> ClassSamples:
        options = self.options
        changes = Changes(options.zoom, not options.no_flip, not options.no_color)
        return ClassSamples(self.train, self.card, options.seed, changes)

    def repeats(self) -> np.ndarray:
        present = [np.array(item.target, np.int64) for item in self.train.items]
        return repeat_factors(present, len(self.card.labels), self.options.balance)

    def measure(self) -> dict[str, float]:
        """Top-1, with more than five classes top-5 too; of a multi-label network mean average precision."""
        classifier = Classifier(self.card, torch_class_forward(self.state.ema.module))
        answer = whole_way(self.card.pre, lambda pixels, _: classifier(pixels))
        with self.report.bar("measuring", len(self.val.items)) as bar:

            def after_image(done: int, total: int) -> None:
                bar.at(done, total)
                self.keep_or_stop()

            self.scores = score_images(CLASSES, answer, self.val, after_image).scores
        measures = self.measures if len(self.card.labels) > TOP else (self.best_by,)
        return {name: float(getattr(self.scores, name)) for name in measures}

    def finish(self, epoch: int) -> None:
        """As every run does; the best weights so far come with their confusion matrix."""
        before = self.state.best
        super().finish(epoch)
        if self.state.best != before:
            write_confusion(self.options.out / CONFUSION, self.scores, self.card.labels, f"epoch {epoch + 1}")


class MultiLabelRun(ClassifyRun):
    """A classifier that answers yes or no for each class."""

    best_by = "map"
    panels = {"loss": ("class",), "mean average precision on val": ("map",)}  # noqa: RUF012
    measures = ("map",)
    multi_label = True


def write_confusion(path: Path, scores: ClassificationScores, labels: tuple[str, ...], title: str) -> None:
    """The confusion matrix as PNG, over images of one class; no file where there are none."""
    if not scores.confusion.any():
        return
    names, matrix = [labels[number] for number in scores.present], scores.confusion
    if len(names) < len(labels):
        names, matrix = [*names, "(other)"], np.concatenate([matrix, np.zeros((1, len(names) + 1), np.int64)])
    else:
        matrix = matrix[:, :-1]
    write_whole(path, draw_confusion(matrix, names, f"{title}: top-1 {scores.top1:.4f} of {scores.images}", "images"))


def _names_in(saved: dict[str, Any], run: Path) -> list[str]:
    """Which tensors started anew, as `ClassifyRun.facts` has it. DataError: it does not say."""
    names = saved.get("anew")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DataError(f"{run / LAST}: is not a state of `dlcli train classify`; {ANEW}")
    return names
