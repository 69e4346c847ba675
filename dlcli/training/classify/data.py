"""The data of a classifier's training: read, checked file by file, and parted where there is no val list."""

from collections.abc import Sequence
from dataclasses import replace

from dlcli.data.check import listed_problems, refusal
from dlcli.data.class_check import check_classification_set, without_pictures
from dlcli.data.class_layouts import classification_splits, read_classification_set
from dlcli.data.classification_set import ClassificationSet
from dlcli.data.layouts import chosen_split
from dlcli.errors import DataError
from dlcli.messages import listed
from dlcli.training.classify.holdout import held_out
from dlcli.training.classify.options import ClassifyTraining
from dlcli.training.log import TrainingReport
from dlcli.training.options import TrainingOptions

Pair = tuple[ClassificationSet, ClassificationSet]


def read_to_learn(options: ClassifyTraining, report: TrainingReport) -> Pair:
    """The pictures to learn from and those to choose by. DataError names bad files and classes without pictures."""
    splits = classification_splits(options.data)
    whole = not splits and options.split == _default("split")
    learn = checked_classes(options, None if whole else options.split, None, report)
    if chosen_split(options.val_split, splits) in splits or options.val_split != _default("val_split"):
        choose = checked_classes(options, options.val_split, learn.labels, report)
    else:
        learn, choose = parted(options, learn, report)
    check_classes(options, learn)
    return learn, choose


def checked_classes(
    options: ClassifyTraining, split: str | None, labels: tuple[str, ...] | None, report: TrainingReport
) -> ClassificationSet:
    """A split of the set, None for all of it. Bad files raise DataError, or are left out with --skip-bad and named."""
    data = read_classification_set(options.data, split, labels)
    with report.bar(f"checking {split or 'pictures'}", len(data.pictures)) as bar:
        problems = check_classification_set(data, progress=bar.at)
    if not problems:
        return data
    if not options.skip_bad:
        raise refusal(options.data, problems, f" in {split}" if split else "")
    for line in listed_problems(problems):
        report.say(f"left out: {line}")
    return without_pictures(data, problems)


def parted(options: ClassifyTraining, data: ClassificationSet, report: TrainingReport) -> Pair:
    """The set in two, the same share of each class held out. DataError where there is nothing to hold out."""
    chosen = held_out([picture.class_ids for picture in data.pictures], options.val_share, options.seed)
    if not chosen.any():
        raise DataError(f"{options.data}: no val list, and one picture a class leaves none to hold out; add pictures")
    report.say(
        f"{options.data}: no val list, so {chosen.sum()} of {len(data.pictures)} pictures are held out to choose the "
        f"weights by: {options.val_share:g} of each class, by --val-share and --seed {options.seed}"
    )
    learn, choose = (
        replace(data, pictures=tuple(p for p, out in zip(data.pictures, chosen, strict=True) if out == side))
        for side in (False, True)
    )
    return learn, choose


def check_classes(options: ClassifyTraining, learn: ClassificationSet) -> None:
    """DataError: one class only, or a class without a picture to learn from."""
    multi = options.multi_label or learn.multi_label
    if len(learn.labels) < 2 and not multi:
        raise DataError(
            f"{options.data}: only one class, {learn.labels[0]}; expected two or more, such as a folder for each"
        )
    empty = _named(learn.labels, set(range(len(learn.labels))) - set(learn.present))
    if empty:
        raise DataError(
            f"{options.data}: no picture to learn from for {listed(empty)}; add some, or take the class away"
        )
    if multi and all(len(picture.class_ids) == len(learn.labels) for picture in learn.pictures):
        raise DataError(f"{options.data}: every picture has every class; expected some without, to tell them apart")


def _named(labels: Sequence[str], ids: set[int]) -> list[str]:
    return [labels[number] for number in sorted(ids)]


def _default(name: str) -> object:
    return TrainingOptions.__dataclass_fields__[name].default
