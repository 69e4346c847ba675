"""`dlcli train detect`: from a labeled folder to RUN/best.safetensors."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn

from dlcli.card import ModelCard
from dlcli.data.boxes import BoxSet
from dlcli.data.kinds import BOXES
from dlcli.errors import DataError, UsageError
from dlcli.evaluation.evaluate import score_images
from dlcli.nets.anchor_detector import AnchorDetector
from dlcli.nets.factory import SECOND_STAGE, build_detector
from dlcli.nets.forward import torch_forward
from dlcli.ops.anchors import AnchorGrid
from dlcli.tasks.detect.detector import EVAL_LIMITS, Detector
from dlcli.training.cache.images import image_source
from dlcli.training.checkpoint import card_name, data_facts, training_facts
from dlcli.training.class_shares import say_lopsided
from dlcli.training.detect.distillation import taught
from dlcli.training.detect.known_classes import OUTPUT, take_known_classes
from dlcli.training.detect.loss import DetectionLoss
from dlcli.training.detect.options import ClassLoss, DetectTraining, Matching, Net
from dlcli.training.detect.plots import drawn, write_images
from dlcli.training.detect.pseudo_labels import with_pseudo_labels
from dlcli.training.detect.region_loss import RegionLoss
from dlcli.training.detect.samples import DetectionSamples
from dlcli.training.holding_out import Sets, read_pair
from dlcli.training.init import backbone_of, find_weights, freeze, load_pretrained, say_reinitialized, set_training
from dlcli.training.labeled import Panels, epoch_hooks, last_line, opening
from dlcli.training.loaders import LabeledBatches, repeat_factors
from dlcli.training.log import TrainLog
from dlcli.training.optim import weight_groups
from dlcli.training.plan import EpochEnd, Plan, Progress, Schedule, Validation
from dlcli.training.runs.best_epoch import Images, best_epoch_hook
from dlcli.training.runs.fingerprint import fingerprint_of
from dlcli.training.turns import Turns

METRICS = ("map50", "map50_voc11", "map50_95")
PANELS: Panels = {
    "loss": ("class", "box", "region_class", "region_box", "teacher", "features"),
    "average precision on val": METRICS,
}
PROPOSALS = 200  # regions that a Fast R-CNN looks at in an image
LEVELS = 4
LARGEST_SIDE = 8192.0


def plan(options: DetectTraining, log: TrainLog, saved: Mapping[str, Any] | None) -> Plan:
    """The training of an AnchorDetector or a FastRcnn; see fit.train."""
    check_options(options)
    train_set, val_set, files = read_sets(options, log)
    grid = AnchorGrid(options.size, options.size, sides=parse_sides(options.sides))
    card = detector_card(options, grid, train_set)
    net = start_net(options, card, log, new=saved is None)
    thresholds, zoom = (options.positive, options.negative), (options.zoom, options.expand)
    adaptive = options.matching is Matching.ADAPTIVE
    decode = image_source(options, train_set, log)
    samples = DetectionSamples(train_set, grid, options.seed, thresholds, zoom, adaptive, Turns.of(options), decode)
    present = [np.unique(item.target.class_ids[~item.target.ignore]) for item in train_set.items]
    repeats = repeat_factors(present, len(card.labels), options.balance)
    return Plan(
        card=card,
        net=net,
        groups=weight_groups(net, backbone_of(net), options.lr, options.backbone_lr, options.weight_decay),
        loss=taught(options, card, build_loss(options, grid)),
        batches=LabeledBatches(options, samples, repeats, options.mosaic),
        schedule=Schedule.of(options),
        set_training=partial(set_training, net, options.from_),
        validate=partial(validate, card, val_set),
        best_by=METRICS[0],
        hooks=(
            samples_hook(options, card),
            *epoch_hooks(options, log, PANELS, METRICS[0]),
            best_epoch_hook(options, BOXES, card.labels, partial(shown, card)),
        ),
        data=data_facts(train_set),
        fingerprint=fingerprint_of(train_set, val_set),
        files=files,
        opening=opening(train_set, val_set, net),
        last_line=last_line(options, METRICS[0]),
    )


def check_options(options: DetectTraining) -> None:
    """UsageError names the option, its value and what was expected, beyond what its own range can say."""
    for name, size in (("--size", options.size), ("--start-size", options.start_size)):
        if size % 64:
            raise UsageError(f"{name} {size}: expected a multiple of 64, such as 320")
    if options.negative > options.positive:
        raise UsageError(f"--negative {options.negative}: expected at most --positive {options.positive}")
    parse_sides(options.sides)


def parse_sides(text: str) -> tuple[float, ...]:
    """ "24,56,112,208" -> numbers, one a level. UsageError for anything else."""
    try:
        sides = tuple(float(word) for word in text.split(","))
    except ValueError:
        sides = ()
    if len(sides) != LEVELS or not all(0 < side <= LARGEST_SIDE for side in sides):
        raise UsageError(f"--sides {text}: expected {LEVELS} lengths in pixels, such as 24,56,112,208")
    return sides


def read_sets(options: DetectTraining, log: TrainLog) -> Sets:
    """Train and val set. DataError names bad files, or a set without a box. UsageError: too few images."""
    sets = read_pair(BOXES, options, log)
    for data, split in ((sets.train, options.split), (sets.val, options.val_split)):
        if BOXES.lack(data):
            raise DataError(f"{options.data}: not one box in the images of {split} that are left; fix the files above")
    check_batch(options, len(sets.train.items))
    say_lopsided(BOXES, sets.train, log)
    return with_pseudo_labels(options, sets, log)


def check_batch(options: DetectTraining, images: int) -> None:
    """UsageError where batch normalization would see a single value: one image, whose last level is one cell."""
    smallest = min(size for size in (options.size, options.start_size) if size)
    if min(int(options.batch), images) == 1 and smallest == 64:
        raise UsageError("one image a step at 64 pixels: expected --batch 2 or more, or --size 128 or more")


def detector_card(options: DetectTraining, grid: AnchorGrid, data: BoxSet) -> ModelCard:
    """The card of the network as this run trains it; scores and license come at export."""
    return ModelCard(
        name=card_name(options.out.resolve().name),
        task="detect",
        labels=data.labels,
        input=(options.size, options.size),
        mean=(127.0, 127.0, 127.0),
        std=(128.0, 128.0, 128.0),
        fill=(127, 127, 127),
        max_stretch=1.5,
        decoding=decoding(options, grid),
        training=training_facts(options, data) | {"net": str(options.net)},
    )


def decoding(options: DetectTraining, grid: AnchorGrid) -> dict[str, Any]:
    """The anchors, and the second stage where there is one; nets.factory.build_detector reads both."""
    second = {SECOND_STAGE: {"pool": str(options.pool), "proposals": PROPOSALS}}
    return grid.decoding() | {"scores": "sigmoid"} | (second if options.net is Net.FAST_RCNN else {})


def start_net(options: DetectTraining, card: ModelCard, log: TrainLog, new: bool) -> AnchorDetector:
    """The network, with the weights that --from names if it is new, its first stages frozen."""
    net = build_detector(card).to(memory_format=torch.channels_last)
    if new:
        say_reinitialized(start_weights(net, options.from_, card.labels, log), options.from_, log)
    freeze(net, options.freeze, options.from_)
    return net


def start_weights(net: AnchorDetector, from_: str, labels: tuple[str, ...], log: TrainLog) -> list[str]:
    """Load them; names of the tensors reinitialized, of which the output keeps the classes that both know."""
    reinitialized = load_pretrained(net, from_)
    if OUTPUT[0] in reinitialized:
        known = take_known_classes(net, labels, find_weights(from_))
        if known:
            log.say(f"--from {from_}: knows {len(known)} of {len(labels)} classes")
    return reinitialized


def build_loss(options: DetectTraining, grid: AnchorGrid) -> DetectionLoss | RegionLoss:
    """The loss of the network that is asked for."""
    loss = DetectionLoss(grid, options.class_loss is ClassLoss.FOCAL, options.box_loss, options.box_weight)
    return RegionLoss(loss) if options.net is Net.FAST_RCNN else loss


def validate(card: ModelCard, val_set: BoxSet, net: nn.Module, progress: Progress) -> Validation:
    """Average precision."""
    detector = Detector(card, torch_forward(net), EVAL_LIMITS)
    found = score_images(BOXES, detector.boxes, val_set, progress)
    scores = found.scores
    return Validation({name: float(getattr(scores, name)) for name in METRICS}, found)


def samples_hook(options: DetectTraining, card: ModelCard) -> Callable[[EpochEnd], None]:
    """RUN/confusion.png and samples/ show where the metrics come from."""

    def write(end: EpochEnd) -> None:
        if end.validation:
            detector = Detector(card, torch_forward(end.net), EVAL_LIMITS)
            write_images(options.out, end.epoch, detector.boxes, card.labels, end.validation.details)

    return write


def shown(card: ModelCard, end: EpochEnd, images: Images) -> np.ndarray:
    """uint8 [h, w, 3]: the images with their true boxes and what the network of the epoch finds on them."""
    return drawn(Detector(card, torch_forward(end.net), EVAL_LIMITS).boxes, card.labels, images)
