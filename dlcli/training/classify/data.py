"""The data of a classifier's training: read, checked file by file, and parted where there is no val list."""

from collections.abc import Hashable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dlcli.data.classes import ClassSet, present_classes
from dlcli.data.formats import chosen_split, dataset_splits
from dlcli.data.kinds import CLASSES
from dlcli.errors import DataError
from dlcli.messages import listed
from dlcli.training.classify.options import ClassifyTraining
from dlcli.training.data import read_checked
from dlcli.training.log import TrainLog
from dlcli.training.options import TrainingOptions

Pair = tuple[ClassSet, ClassSet]


def read_sets(options: ClassifyTraining, log: TrainLog) -> Pair:
    """Train and val set. DataError names bad files and classes without images."""
    splits = dataset_splits(CLASSES, options.data)
    whole = not splits and options.split == _default("split")
    train_set = _checked(options, None if whole else options.split, None, log)
    if chosen_split(options.val_split, splits) in splits or options.val_split != _default("val_split"):
        val_set = _checked(options, options.val_split, train_set.labels, log)
    else:
        train_set, val_set = parted(options, train_set, log)
    check_classes(options, train_set)
    return train_set, val_set


def _checked(options: ClassifyTraining, split: str | None, labels: tuple[str, ...] | None, log: TrainLog) -> ClassSet:
    return read_checked(CLASSES, options.data, split, labels, options.skip_bad, log)


def parted(options: ClassifyTraining, data: ClassSet, log: TrainLog) -> Pair:
    """The set in two, the same share of each class held out. DataError where there is nothing to hold out."""
    chosen = held_out([item.target for item in data.items], options.val_share, options.seed)
    if not chosen.any():
        raise DataError(f"{options.data}: no val list, and one image a class leaves none to hold out; add images")
    log.say(
        f"{options.data}: no val list, so {chosen.sum()} of {len(data.items)} images are held out to choose the "
        f"weights by: {options.val_share:g} of each class, by --val-share and --seed {options.seed}"
    )
    train_set, val_set = (
        replace(data, items=tuple(item for item, out in zip(data.items, chosen, strict=True) if out == side))
        for side in (False, True)
    )
    return train_set, val_set


def check_classes(options: ClassifyTraining, train_set: ClassSet) -> None:
    """DataError: one class only, or a class without an image to learn from."""
    multi = options.multi_label or train_set.multi_label
    if len(train_set.labels) < 2 and not multi:
        raise DataError(
            f"{options.data}: only one class, {train_set.labels[0]}; expected two or more, such as a folder for each"
        )
    empty = _named(train_set.labels, set(range(len(train_set.labels))) - set(present_classes(train_set)))
    if empty:
        raise DataError(f"{options.data}: no image to learn from for {listed(empty)}; add some, or take the class away")
    if multi and all(len(item.target) == len(train_set.labels) for item in train_set.items):
        raise DataError(f"{options.data}: every image has every class; expected some without, to tell them apart")


def _named(labels: Sequence[str], ids: set[int]) -> list[str]:
    return [labels[number] for number in sorted(ids)]


def _default(name: str) -> object:
    return TrainingOptions.__dataclass_fields__[name].default


def held_out(groups: Sequence[Hashable], share: float, seed: int) -> NDArray[np.bool_]:
    """Bool [N], True for what is held out: about `share` of each group, chosen by the seed.

    groups: what each image is, its class or set of classes. A group of one stays; a larger one keeps at least one
    and gives at least one. The choice depends on the order of the images and nothing else.
    """
    chosen = np.zeros(len(groups), np.bool_)
    rng = np.random.default_rng(seed)
    for members in _members(groups):
        count = min(max(1, round(share * len(members))), len(members) - 1)
        chosen[rng.permutation(members)[:count]] = True
    return chosen


def _members(groups: Sequence[Hashable]) -> list[list[int]]:
    """The rows of each group, groups in the order in which they first appear."""
    found: dict[Hashable, list[int]] = {}
    for row, group in enumerate(groups):
        found.setdefault(group, []).append(row)
    return list(found.values())
