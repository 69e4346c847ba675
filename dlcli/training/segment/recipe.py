"""`dlcli train segment`: from images with class masks to RUN/best.safetensors."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from dlcli.card import ModelCard
from dlcli.data.kinds import MASKS
from dlcli.data.masks import BACKGROUND, MaskSet
from dlcli.errors import UsageError
from dlcli.evaluation.evaluate import score_images
from dlcli.nets.build_segmenter import (
    NET,
    build_segmenter,
    check_network_name,
    check_side,
    normalizes_one_cell,
    segmenter_network,
    smp_name,
    stride_of,
)
from dlcli.nets.forward import torch_forward
from dlcli.nets.libraries.smp_segmenters import smp_statistics
from dlcli.nets.torchvision.classifiers import IMAGENET_MEAN, IMAGENET_STD, PREFIX
from dlcli.tasks.segment.segmenter import Segmenter
from dlcli.training.cache.images import image_source
from dlcli.training.checkpoint import card_name, data_facts, training_facts
from dlcli.training.data import checked
from dlcli.training.holding_out import Sets, read_pair
from dlcli.training.init import NONE, freeze, say_reinitialized, set_training
from dlcli.training.labeled import Panels, epoch_hooks, last_line, opening
from dlcli.training.loaders import LabeledBatches, repeat_factors
from dlcli.training.log import TrainLog
from dlcli.training.optim import weight_groups
from dlcli.training.optimization.weight_init import initialize
from dlcli.training.plan import EpochEnd, Plan, Progress, Schedule, Validation
from dlcli.training.runs.best_epoch import Images, best_epoch_hook
from dlcli.training.runs.fingerprint import fingerprint_of
from dlcli.training.segment.class_weights import class_pixels, class_weights, listed_weights
from dlcli.training.segment.distillation import taught
from dlcli.training.segment.init import pretrained_part, resolved_start, start_segmenter
from dlcli.training.segment.losses import MaskLoss, normalizer, parse_loss
from dlcli.training.segment.options import SegmentTraining
from dlcli.training.segment.plots import drawn, write_images
from dlcli.training.segment.samples import MaskSamples
from dlcli.training.segment.unlabeled import with_unlabeled
from dlcli.training.segment.weak_masks import is_weak, weak_folder, weak_set
from dlcli.training.turns import Turns

OUR_MEAN, OUR_STD = (127.0, 127.0, 127.0), (128.0, 128.0, 128.0)
STEP = 32  # pixels: what the backbone narrows an image by
METRICS = ("miou", "mdice", "pixel_accuracy")
PANELS: Panels = {"loss": ("dice", "ce", "focal", "teacher", "features", "unlabeled"), "on val": METRICS}


def plan(options: SegmentTraining, log: TrainLog, saved: Mapping[str, Any] | None) -> Plan:
    """The training of a segmenter, of which nets.build_segmenter knows the kinds; see fit.train."""
    check_options(options)
    train_set, val_set, files = read_sets(options, log)
    card, pixels = segmenter_card(options, train_set), class_pixels(train_set, log)
    net = start_net(options, card, log, new=saved is None)
    slow = pretrained_part(net, options.from_)
    decode = image_source(options, train_set, log)
    samples = MaskSamples(train_set, options.seed, (options.zoom, options.expand), Turns.of(options), decode)
    loss = make_loss(options, card, pixels)
    made = Plan(
        card=card,
        net=net,
        groups=weight_groups(net, slow, options.lr, options.backbone_lr, options.weight_decay),
        loss=taught(options, card, loss),
        batches=LabeledBatches(options, samples, repeats(options, card, train_set, pixels)),
        schedule=Schedule.of(options),
        set_training=partial(set_training, net, options.from_),
        validate=partial(validate, card, val_set),
        best_by=METRICS[0],
        hooks=(
            samples_hook(options, card),
            *epoch_hooks(options, log, PANELS, METRICS[0]),
            best_epoch_hook(options, MASKS, card.labels, partial(shown, card)),
        ),
        data=data_facts(train_set),
        fingerprint=fingerprint_of(train_set, val_set),
        files=files,
        opening=opening(train_set, val_set, net),
        last_line=last_line(options, METRICS[0]),
    )
    return with_unlabeled(made, options, loss, val_set, log, saved)


def check_options(options: SegmentTraining) -> None:
    """UsageError names the option, its value and what was expected."""
    for name, size in (("--size", options.size), ("--start-size", options.start_size)):
        if size % STEP:
            raise UsageError(f"{name} {size}: expected a multiple of {STEP}, such as 320")
    check_network_name(options.net)
    with torch.random.fork_rng(devices=[]):  # what is built to look at it alone moves no random numbers
        for side in filter(None, (options.size, options.start_size)):
            check_side(options.net, side)
    parse_loss(options.loss)
    listed_weights(options.class_weights)


def check_batch(options: SegmentTraining, images: int) -> None:
    """UsageError where batch normalization would see a single value: one image whose coarsest features are a cell."""
    smallest = min(size for size in (options.size, options.start_size) if size)
    one_cell = smallest == STEP or normalizes_one_cell(options.net)
    if min(int(options.batch), images) == 1 and one_cell:
        raise UsageError(f"one image a step: {options.net} at {smallest} pixels needs two or more; pass --batch 2")


def read_sets(options: SegmentTraining, log: TrainLog) -> Sets:
    """Train set, weak masks last, and val set. DataError names bad files. UsageError: too few images."""
    train_set, val_set, files = read_pair(MASKS, options, log)
    check_batch(options, len(train_set.items))
    if options.weak_masks:
        weak = weak_set(weak_folder(options, train_set, log), options.data, train_set)
        weak = checked(MASKS, weak, options.weak_masks, options.skip_bad, log)
        train_set = replace(train_set, items=(*train_set.items, *weak.items))
    return Sets(train_set, val_set, files)


def segmenter_card(options: SegmentTraining, data: MaskSet) -> ModelCard:
    """The card of the network as this run trains it; scores and license come at export."""
    mean, std = pixel_statistics(options.net)
    return ModelCard(
        name=card_name(options.out.resolve().name),
        task="segment",
        labels=data.labels,
        input=(options.size, options.size),
        mean=mean,
        std=std,
        fill=(127, 127, 127),
        max_stretch=1.5,
        decoding={
            NET: options.net,
            "stride": stride_of(segmenter_network(options.net, len(data.labels))),
            "background": data.labels.index(BACKGROUND) if BACKGROUND in data.labels else None,
            "scores": "softmax",
        },
        training=training_facts(options, data) | {"net": options.net, "loss": options.loss},
    )


def pixel_statistics(name: str) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Mean and std of the pixels, 0 to 255, that the network called `name` is given."""
    if smp_name(name):
        return smp_statistics(smp_name(name))
    return (IMAGENET_MEAN, IMAGENET_STD) if name.startswith(PREFIX) else (OUR_MEAN, OUR_STD)


def start_net(options: SegmentTraining, card: ModelCard, log: TrainLog, new: bool) -> nn.Module:
    """The network, with the weights that --from names if it is new, its first stages frozen."""
    net: nn.Module = build_segmenter(card).to(memory_format=torch.channels_last)
    initialize(net, options.init, resolved_start(net, options.from_) == NONE)
    if new:
        say_reinitialized(start_segmenter(net, options.from_), options.from_, log)
    freeze(net, options.freeze, options.from_)
    return net


def make_loss(options: SegmentTraining, card: ModelCard, pixels: np.ndarray) -> MaskLoss:
    """pixels: int64 [N, C], of each class in each image."""
    return MaskLoss(
        parse_loss(options.loss),
        normalizer(card),
        class_weights(options.class_weights, pixels, card.labels),
        options.label_smoothing,
        options.dice_per_image,
        options.dice_smooth,
    )


def repeats(options: SegmentTraining, card: ModelCard, train_set: MaskSet, pixels: np.ndarray) -> np.ndarray:
    """Float64 [N]: rare classes more often, the background aside; and true masks more often than weak ones."""
    background = card.decoding["background"]
    present = [np.flatnonzero(row) for row in pixels]
    present = [ids[ids != background] for ids in present]
    factors = repeat_factors(present, len(card.labels), options.balance)
    weak = np.array([is_weak(item.annotation, options) for item in train_set.items])
    return factors * np.where(weak | ~weak.any(), 1.0, options.true_weight)


def validate(card: ModelCard, val_set: MaskSet, net: nn.Module, progress: Progress) -> Validation:
    """mIoU, Dice and pixel accuracy. details: evaluate.Scored."""
    found = score_images(MASKS, Segmenter(card, torch_forward(net)), val_set, progress)
    scores = found.scores
    return Validation({name: float(getattr(scores, name)) for name in METRICS}, found)


def samples_hook(options: SegmentTraining, card: ModelCard) -> Callable[[EpochEnd], None]:
    """RUN/confusion.png and samples/ show where the metrics come from."""

    def write(end: EpochEnd) -> None:
        if end.validation:
            found, segmenter = end.validation.details, Segmenter(card, torch_forward(end.net))
            write_images(options.out, end.epoch, segmenter, card.labels, found.scores, found.images)

    return write


def shown(card: ModelCard, end: EpochEnd, images: Images) -> np.ndarray:
    """uint8 [h, w, 3]: the images with their truth and what the network of the epoch makes of them."""
    return drawn(Segmenter(card, torch_forward(end.net)), card.labels, images)
