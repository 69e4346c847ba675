"""`dlcli train classify`: from a folder per class to RUN/best.safetensors."""

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from dlcli.card import ModelCard
from dlcli.data.classes import ClassSet
from dlcli.data.folders import files_in
from dlcli.data.formats import read_dataset
from dlcli.data.kinds import CLASSES
from dlcli.errors import DataError, UsageError
from dlcli.evaluation.class_plots import confusion_of, tiles_of
from dlcli.evaluation.evaluate import score_images, whole_way
from dlcli.imaging.drawing.contact_sheet import contact_sheet
from dlcli.metrics.classification import TOP, ClassificationScores
from dlcli.nets.build_classifier import NET, has_one_side, network, timm_name, twin_of
from dlcli.nets.forward import torch_forward
from dlcli.nets.libraries.timm_classifiers import timm_statistics
from dlcli.nets.torchvision.classifiers import statistics
from dlcli.tasks.classify.classifier import Classifier
from dlcli.training.cache.images import Decode, image_source
from dlcli.training.checkpoint import LAST, START_OVER, card_name, data_facts, training_facts
from dlcli.training.classify.data import read_sets
from dlcli.training.classify.distillation import taught
from dlcli.training.classify.init import (
    freeze_classifier,
    freeze_count,
    quicken_norms,
    resolved_start,
    set_training_classifier,
    slow_parameters,
    start_classifier,
)
from dlcli.training.classify.losses import BatchLoss, LabelLoss, balancing_weights, multi_hot
from dlcli.training.classify.mixing import Mixing
from dlcli.training.classify.options import ClassifyTraining, ClassWeights
from dlcli.training.classify.samples import Changes, ClassSamples
from dlcli.training.classify.synthetic import with_synthetic
from dlcli.training.classify.unlabeled import with_unlabeled
from dlcli.training.init import NONE
from dlcli.training.labeled import Panels, epoch_hooks, last_line, opening
from dlcli.training.loaders import LabeledBatches, repeat_factors
from dlcli.training.log import TrainLog
from dlcli.training.optim import weight_groups
from dlcli.training.optimization.weight_init import initialize
from dlcli.training.plan import EpochEnd, Plan, Progress, Schedule, Validation
from dlcli.training.runs.best_epoch import Images, best_epoch_hook
from dlcli.training.runs.fingerprint import fingerprint_of
from dlcli.whole_file import write_whole

CONFUSION = "confusion.png"
LITE0_MEAN, LITE0_STD = (127.0, 127.0, 127.0), (128.0, 128.0, 128.0)
REINITIALIZED = "anew"  # in a checkpoint: names of the tensors that came with no weights
LOSSES = ("class", "teacher", "features", "unlabeled")
ONE_CLASS: Panels = {"loss": LOSSES, "share right on val": ("top1", "top5")}
MULTI_LABEL: Panels = {"loss": LOSSES, "mean average precision on val": ("map",)}


def plan(options: ClassifyTraining, log: TrainLog, saved: Mapping[str, Any] | None) -> Plan:
    """The training of a classifier of one class an image, or of an answer yes or no for each class; see fit.train."""
    check_options(options)
    multi_label = is_multi_label(options)
    train_set, val_set, files = read_sets(options, log)
    train_set = with_synthetic(options, train_set, log)
    card = classifier_card(options, train_set, multi_label)
    net, reinitialized = start_net(options, card, log, saved)
    batches = make_batches(options, card, train_set, image_source(options, train_set, log))
    quicken_norms(net, batches.steps * options.epochs)
    slow = slow_parameters(net, reinitialized)
    metrics = metric_names(multi_label, len(card.labels))
    loss = make_loss(options, card, train_set, multi_label)
    made = Plan(
        card=card,
        net=net,
        groups=weight_groups(net, slow, options.lr, options.backbone_lr, options.weight_decay),
        loss=taught(options, card, loss),
        batches=batches,
        schedule=Schedule.of(options),
        set_training=partial(set_training_classifier, net, reinitialized),
        validate=partial(validate, card, val_set, metrics),
        best_by=metrics[0],
        hooks=(
            *epoch_hooks(options, log, MULTI_LABEL if multi_label else ONE_CLASS, metrics[0]),
            confusion_hook(options, card),
            best_epoch_hook(options, CLASSES, card.labels, partial(drawn, card.labels)),
        ),
        data=data_facts(train_set),
        fingerprint=fingerprint_of(train_set, val_set),
        facts={REINITIALIZED: reinitialized},
        files=files,
        opening=opening(train_set, val_set, net),
        last_line=last_line(options, metrics[0]),
    )
    return with_unlabeled(made, options, batches.samples, loss, val_set, log, saved)


def check_options(options: ClassifyTraining) -> None:
    """UsageError, before any image is read: no such network, or options that do not fit together."""
    freeze_count(options.freeze)
    if int(options.batch) == 1 and resolved_start(options.net, options.from_) == NONE:
        raise UsageError("--batch 1 --from none: batch statistics need two images or more; pass --batch 2")
    with torch.random.fork_rng(devices=[]):  # what is built to look at it alone moves no random numbers
        for size in filter(None, (options.size, options.start_size)):
            network(options.net, 2, size)
    if options.start_size and has_one_side(options.net):
        raise UsageError(f"--start-size {options.start_size}: {options.net} takes one size only; leave it out")


def is_multi_label(options: ClassifyTraining) -> bool:
    """Whether an image may have several classes: by --multi-label, or because some has. DataError: no data there."""
    if options.multi_label or not (options.data.is_file() or files_in(options.data, ".csv")):
        return options.multi_label
    return read_dataset(CLASSES, options.data, None).multi_label


def classifier_card(options: ClassifyTraining, data: ClassSet, multi_label: bool) -> ModelCard:
    """The card of the network as this run trains it; scores and license come at export."""
    mean, std = pixel_statistics(options.net)
    return ModelCard(
        name=card_name(options.out.resolve().name),
        task="classify",
        labels=data.labels,
        input=(options.size, options.size),
        mean=mean,
        std=std,
        fill=tuple(round(value) for value in mean),  # type: ignore[arg-type]
        max_stretch=1.5,
        decoding={"scores": "sigmoid" if multi_label else "softmax", NET: options.net},
        training=training_facts(options, data) | {"net": options.net},
    )


def pixel_statistics(name: str) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Mean and std of the pixels, 0 to 255, that the network called `name` is given."""
    if timm_name(name):
        return timm_statistics(timm_name(name))
    return statistics(twin_of(name)) if twin_of(name) else (LITE0_MEAN, LITE0_STD)


def start_net(
    options: ClassifyTraining, card: ModelCard, log: TrainLog, saved: Mapping[str, Any] | None
) -> tuple[nn.Module, list[str]]:
    """The network, some of it frozen, and the names of the tensors that were reinitialized when the run began."""
    net: nn.Module = network(options.net, len(card.labels), options.size).to(memory_format=torch.channels_last)
    start = resolved_start(options.net, options.from_)
    initialize(net, options.init, start == NONE)
    if saved is None:
        reinitialized = start_classifier(net, options.net, start, card.labels, log.say, options.size)
    else:
        reinitialized = _reinitialized_in(saved, options.out)
    freeze_classifier(net, freeze_count(options.freeze), reinitialized)
    return net, reinitialized


def _reinitialized_in(saved: Mapping[str, Any], run: Path) -> list[str]:
    """DataError: the checkpoint does not say."""
    names = saved.get(REINITIALIZED)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise DataError(f"{run / LAST}: is not a state of `dlcli train classify`; {START_OVER}")
    return names


def make_loss(options: ClassifyTraining, card: ModelCard, train_set: ClassSet, multi_label: bool) -> BatchLoss:
    """The loss of a batch, weighed by how many images of each class there are if that is asked for."""
    weights = None
    if options.class_weights is ClassWeights.AUTO:
        targets = torch.stack([multi_hot(item.target, len(card.labels)) for item in train_set.items])  # [N, C]
        weights = balancing_weights(targets, multi_label)
    loss = LabelLoss(multi_label, options.label_smoothing, weights, options.loss)
    return BatchLoss(card.mean, card.std, Mixing(options.mixup, options.cutmix), loss)


def make_batches(options: ClassifyTraining, card: ModelCard, train_set: ClassSet, decode: Decode) -> LabeledBatches:
    """Images of rare classes more often, if that is asked for."""
    changes = changes_of(options)
    present = [np.array(item.target, np.int64) for item in train_set.items]
    repeats = repeat_factors(present, len(card.labels), options.balance)
    return LabeledBatches(options, ClassSamples(train_set, card, options.seed, changes, decode), repeats)


def changes_of(options: ClassifyTraining) -> Changes:
    return Changes(
        options.zoom, not options.no_flip, not options.no_color, options.degrees, options.augment, options.erase
    )


def metric_names(multi_label: bool, classes: int) -> tuple[str, ...]:
    """The first chooses the best weights: top-1, or with several classes an image mean average precision."""
    if multi_label:
        return ("map",)
    return ("top1", "top5") if classes > TOP else ("top1",)


def validate(
    card: ModelCard, val_set: ClassSet, metrics: tuple[str, ...], net: nn.Module, progress: Progress
) -> Validation:
    """The metrics of these names. details: evaluate.Scored."""
    classifier = Classifier(card, torch_forward(net))
    answer = whole_way(card.pre, lambda pixels, _: classifier(pixels))
    found = score_images(CLASSES, answer, val_set, progress)
    scores = found.scores
    return Validation({name: float(getattr(scores, name)) for name in metrics}, found)


def confusion_hook(options: ClassifyTraining, card: ModelCard) -> Callable[[EpochEnd], None]:
    """The best weights so far come with their confusion matrix."""

    def write(end: EpochEnd) -> None:
        if end.best and end.validation:
            write_confusion(options.out / CONFUSION, end.validation.details.scores, card.labels, f"epoch {end.epoch}")

    return write


def drawn(labels: tuple[str, ...], _end: EpochEnd, images: Images) -> np.ndarray:
    """uint8 [h, w, 3]: the images on a sheet, each with its true class and what was found."""
    return contact_sheet(tiles_of(labels, images), "with the score of the true class")


def write_confusion(path: Path, scores: ClassificationScores, labels: tuple[str, ...], title: str) -> None:
    """The confusion matrix as PNG, over images of one class; no file where there are none."""
    if not scores.confusion.any():
        return
    write_whole(path, confusion_of(scores, labels, f"{title}: top-1 {scores.top1:.4f} of {scores.images}"))
