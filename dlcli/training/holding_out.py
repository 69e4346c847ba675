"""Train and val set of a training; where a set has no val split, a share of its images is held out."""

import os
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from dlcli.data.dataset import Dataset, Kind
from dlcli.data.files import SplitError
from dlcli.data.formats import ALL, chosen_split, dataset_splits
from dlcli.data.kinds import CLASSES
from dlcli.data.splits.dealing import groups_of
from dlcli.data.splits.held_out import NAME, split_json
from dlcli.data.splits.stratified import stratified_parts
from dlcli.errors import DataError, UsageError
from dlcli.messages import listed, plural
from dlcli.training.data import read_checked
from dlcli.training.log import TrainLog
from dlcli.training.options import TrainingOptions

T = TypeVar("T")


class Sets(NamedTuple):
    """files: what the run's folder gets by their names: split.json, where images were held out."""

    train: Dataset[Any]
    val: Dataset[Any]
    files: Mapping[str, str]


def read_pair(kind: Kind[Any], options: TrainingOptions, log: TrainLog) -> Sets:
    """Train and val set, both by the labels of the first. DataError names bad files, and splits that are not there."""
    splits = [name for name in dataset_splits(kind, options.data) if name != ALL]
    whole = not splits and options.split == default_of("split")
    of = None if whole else options.split
    clip = bool(getattr(options, "clip_boxes", False))
    train_set = read_checked(kind, options.data, of, None, options.skip_bad, log, clip)
    if options.fold:
        learned, held = fold_of(kind, options, train_set, log)
        return Sets(learned, held, {NAME: split_json(options.data, of, learned, held)})
    if chosen_split(options.val_split, splits) in splits or options.val_split != default_of("val_split"):
        val = _read_val(kind, options, train_set, log, clip)
        _say_shared(options, train_set, val, log)
        return Sets(train_set, val, {})
    learned, held = parted(kind, options, train_set, log)
    return Sets(learned, held, {NAME: split_json(options.data, of, learned, held)})


def _read_val(
    kind: Kind[Any], options: TrainingOptions, train_set: Dataset[Any], log: TrainLog, clip: bool
) -> Dataset[Any]:
    labels, heard = train_set.labels, train_set.notes
    try:
        return read_checked(kind, options.data, options.val_split, labels, options.skip_bad, log, clip, heard)
    except SplitError as error:
        error.option = "--val-split"
        raise


def _say_shared(options: TrainingOptions, train_set: Dataset[Any], val: Dataset[Any], log: TrainLog) -> None:
    """Images that are learned from and chosen by: the score says little then."""
    learned = {os.path.realpath(item.path) for item in train_set.items}
    both = [item.path.name for item in val.items if os.path.realpath(item.path) in learned]
    if both:
        names = f"{options.split} and {options.val_split}"
        log.say(
            f"{options.data}: {plural(len(both), 'image')} in {names}: scores are too good by them: {listed(both, 5)}"
        )


def parted(kind: Kind[T], options: TrainingOptions, data: Dataset[T], log: TrainLog) -> tuple[Dataset[T], Dataset[T]]:
    """The set in two, the same share of each class held out. DataError where there is nothing to hold out."""
    chosen = held_out(_groups(kind, data), options.val_share, options.seed)
    if not chosen.any():
        raise DataError(f"{options.data}: no val list, and one image a class leaves none to hold out; add images")
    log.say(
        f"{options.data}: no val list, so {chosen.sum()} of {len(data.items)} images are held out to choose the "
        f"weights by: {options.val_share:g} of each class, by --val-share and --seed {options.seed}"
    )
    return _in_two(data, chosen)


def fold_of(kind: Kind[T], options: TrainingOptions, data: Dataset[T], log: TrainLog) -> tuple[Dataset[T], Dataset[T]]:
    """The set less one fold, and that fold: each class in every fold by its share, near-copies of an image in one.

    DataError: more folds than images that differ. UsageError: a fold leaves less than a batch to learn from.
    """
    classes = [kind.classes(kind.truth(item)) for item in data.items]
    with log.bar("comparing images", len(data.items)) as bar:
        groups = groups_of([item.path for item in data.items], bar)
    folds = stratified_parts(classes, groups, (1.0,) * options.kfold, options.seed)
    if len(set(folds.tolist())) < options.kfold:
        differ = f"{plural(len(data.items), 'image')}, of which {len(set(groups.tolist()))} differ"
        raise DataError(f"{options.data}: {differ}, cannot make --kfold {options.kfold}; add images, or ask for fewer")
    learned, held = _in_two(data, folds == options.fold - 1)
    if len(learned.items) < int(options.batch):
        raise UsageError(
            f"--kfold {options.kfold}: fold {options.fold} leaves {plural(len(learned.items), 'image')} to learn from, "
            f"less than one --batch {options.batch}; pass --batch {len(learned.items)}"
        )
    return learned, held


def _in_two(data: Dataset[T], chosen: NDArray[np.bool_]) -> tuple[Dataset[T], Dataset[T]]:
    """The images that are not chosen, and those that are."""
    train_set, val_set = (
        replace(data, items=tuple(item for item, out in zip(data.items, chosen, strict=True) if out == side))
        for side in (False, True)
    )
    return train_set, val_set


def _groups(kind: Kind[T], data: Dataset[T]) -> list[Hashable]:
    """What each image is held out with: its class or classes; of several objects the class that is rarest in the set.

    So that even a class of few images has some on either side.
    """
    present = [tuple(sorted(set(kind.classes(kind.truth(item))))) for item in data.items]
    if kind is CLASSES:
        return list(present)
    images = np.bincount([class_id for ids in present for class_id in ids] or [0], minlength=len(data.labels) or 1)
    return [min(ids, key=lambda class_id: images[class_id]) if ids else -1 for ids in present]


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


def default_of(name: str) -> object:
    return TrainingOptions.__dataclass_fields__[name].default
