"""`dlcli train classify`: from a folder per class to RUN/best.safetensors."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from rich.console import Console
from torch import Tensor, nn

from dlcli.card import ModelCard
from dlcli.data.class_layouts import read_classification_set
from dlcli.data.classification_set import ClassificationSet
from dlcli.errors import UsageError
from dlcli.nets.build_classifier import network
from dlcli.training.classify_card import classifier_card
from dlcli.training.classify_data import read_to_learn
from dlcli.training.classify_options import ClassifyTraining, ClassWeights
from dlcli.training.classify_samples import Changes, ClassSamples
from dlcli.training.classify_start import (
    freeze_classifier,
    freeze_count,
    set_training_classifier,
    slow_parameters,
    start_classifier,
)
from dlcli.training.label_losses import LabelLoss, balancing_weights, multi_hot
from dlcli.training.loaders import repeat_factors
from dlcli.training.loop import LossTerms
from dlcli.training.mixing import Mixing
from dlcli.training.report import TrainingReport
from dlcli.training.run import Run, train
from dlcli.training.start import NONE


def train_classify(options: ClassifyTraining, console: Console) -> None:
    """See training.run.train."""
    train(MultiLabelRun if is_multi_label(options) else ClassifyRun, options, console)


def is_multi_label(options: ClassifyTraining) -> bool:
    """Whether a picture may have several classes: by --multi-label, or because some has. DataError: no data there."""
    if options.multi_label or not (options.data.is_file() or list(options.data.glob("*.csv"))):
        return options.multi_label
    return read_classification_set(options.data, None).multi_label


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
        return {"class": self.loss(net(x), targets)}


class ClassifyRun(Run):
    """A classifier of one class a picture."""

    best_by = "top1"
    panels = {"loss": ("class",), "share right on val": ("top1", "top5")}  # noqa: RUF012
    multi_label = False
    train: ClassificationSet
    val: ClassificationSet

    @classmethod
    def check(cls, options: ClassifyTraining) -> None:
        """Name, size and freezing; a network that cannot be built is refused before the pictures are read."""
        freeze_count(options.freeze)
        if options.batch == 1 and options.from_ == NONE:
            raise UsageError("--batch 1 --from none: batch statistics need two pictures or more; pass --batch 2")
        for size in (options.size, options.start_size):
            if size:
                network(options.net, 2, size)

    @classmethod
    def read(cls, options: ClassifyTraining, report: TrainingReport) -> tuple[ClassificationSet, ClassificationSet]:
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
            else self.saved["anew"]
        )
        freeze_classifier(net, freeze_count(options.freeze), self.anew)
        return net

    def facts(self) -> dict[str, Any]:
        return {"anew": self.anew}

    def backbone(self) -> nn.Module | None:
        return slow_parameters(self.net, self.anew)

    def set_training(self) -> None:
        set_training_classifier(self.net, self.anew)

    def targets(self) -> Tensor:
        """Float32 [N, C], what the pictures to learn from are."""
        return torch.stack([multi_hot(picture.class_ids, len(self.card.labels)) for picture in self.train.pictures])

    def make_loss(self) -> BatchLoss:
        options = self.options
        balanced = options.class_weights is ClassWeights.AUTO
        weights = balancing_weights(self.targets(), self.multi_label) if balanced else None
        loss = LabelLoss(self.multi_label, options.label_smoothing, weights)
        return BatchLoss(self.card.mean, self.card.std, Mixing(options.mixup, options.cutmix), loss)

    def make_samples(self) -> ClassSamples:
        options = self.options
        changes = Changes(options.zoom, not options.no_flip, not options.no_colour)
        return ClassSamples(self.train, self.card, options.seed, changes)

    def repeats(self) -> np.ndarray:
        present = [np.array(picture.class_ids, np.int64) for picture in self.train.pictures]
        return repeat_factors(present, len(self.card.labels), self.options.balance)

    def measure(self) -> dict[str, float]:
        from dlcli.imaging.reader import read_picture
        from dlcli.nets.build_classifier import torch_class_forward
        from dlcli.records import Source
        from dlcli.tasks.network_input import to_input

        f = torch_class_forward(self.state.ema.net)
        top1 = top5 = 0
        for p in self.val.pictures:
            x = f(to_input(self.card, read_picture(Source.of_file(p.path)).pixels)[0])
            order = np.argsort(-x)[:5]
            top1 += order[0] in p.class_ids
            top5 += bool(set(order.tolist()) & set(p.class_ids))
        return {"top1": top1 / len(self.val.pictures), "top5": top5 / len(self.val.pictures)}


class MultiLabelRun(ClassifyRun):
    """A classifier that answers yes or no for each class."""

    best_by = "top1"
    panels = {"loss": ("class",), "average precision on val": ("map",)}  # noqa: RUF012
    multi_label = True
