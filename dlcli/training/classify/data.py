"""The data of a classifier's training: read, checked file by file, and parted where there is no val list."""

from collections.abc import Sequence
from dataclasses import replace

from dlcli.data.classes import ClassSet, present_classes
from dlcli.data.formats import chosen_split, dataset_splits
from dlcli.data.kinds import CLASSES
from dlcli.errors import DataError
from dlcli.messages import listed
from dlcli.training.classify.holdout import held_out
from dlcli.training.classify.options import ClassifyTraining
from dlcli.training.data import read_checked
from dlcli.training.log import TrainingReport
from dlcli.training.options import TrainingOptions

Pair = tuple[ClassSet, ClassSet]


def read_to_learn(options: ClassifyTraining, report: TrainingReport) -> Pair:
    """The images to learn from and those to choose by. DataError names bad files and classes without images."""
    splits = dataset_splits(CLASSES, options.data)
    whole = not splits and options.split == _default("split")
    learn = _checked(options, None if whole else options.split, None, report)
    if chosen_split(options.val_split, splits) in splits or options.val_split != _default("val_split"):
        choose = _checked(options, options.val_split, learn.labels, report)
    else:
        learn, choose = parted(options, learn, report)
    check_classes(options, learn)
    return learn, choose


def _checked(
    options: ClassifyTraining, split: str | None, labels: tuple[str, ...] | None, report: TrainingReport
) -> ClassSet:
    return read_checked(CLASSES, options.data, split, labels, options.skip_bad, report)


def parted(options: ClassifyTraining, data: ClassSet, report: TrainingReport) -> Pair:
    """The set in two, the same share of each class held out. DataError where there is nothing to hold out."""
    chosen = held_out([item.target for item in data.items], options.val_share, options.seed)
    if not chosen.any():
        raise DataError(f"{options.data}: no val list, and one image a class leaves none to hold out; add images")
    report.say(
        f"{options.data}: no val list, so {chosen.sum()} of {len(data.items)} images are held out to choose the "
        f"weights by: {options.val_share:g} of each class, by --val-share and --seed {options.seed}"
    )
    learn, choose = (
        replace(data, items=tuple(item for item, out in zip(data.items, chosen, strict=True) if out == side))
        for side in (False, True)
    )
    return learn, choose


def check_classes(options: ClassifyTraining, learn: ClassSet) -> None:
    """DataError: one class only, or a class without an image to learn from."""
    multi = options.multi_label or learn.multi_label
    if len(learn.labels) < 2 and not multi:
        raise DataError(
            f"{options.data}: only one class, {learn.labels[0]}; expected two or more, such as a folder for each"
        )
    empty = _named(learn.labels, set(range(len(learn.labels))) - set(present_classes(learn)))
    if empty:
        raise DataError(f"{options.data}: no image to learn from for {listed(empty)}; add some, or take the class away")
    if multi and all(len(item.target) == len(learn.labels) for item in learn.items):
        raise DataError(f"{options.data}: every image has every class; expected some without, to tell them apart")


def _named(labels: Sequence[str], ids: set[int]) -> list[str]:
    return [labels[number] for number in sorted(ids)]


def _default(name: str) -> object:
    return TrainingOptions.__dataclass_fields__[name].default
