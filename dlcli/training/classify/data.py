"""What a classifier's training asks of its data beyond what every training does."""

from collections.abc import Sequence

from dlcli.data.classes import ClassSet, present_classes
from dlcli.data.kinds import CLASSES
from dlcli.errors import DataError
from dlcli.messages import listed
from dlcli.training.class_shares import say_lopsided
from dlcli.training.classify.options import ClassifyTraining
from dlcli.training.holding_out import Sets, read_pair
from dlcli.training.log import TrainLog


def read_sets(options: ClassifyTraining, log: TrainLog) -> Sets:
    """Train and val set. DataError names bad files and classes without images."""
    sets = read_pair(CLASSES, options, log)
    check_classes(options, sets.train)
    say_lopsided(CLASSES, sets.train, log)
    return sets


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
