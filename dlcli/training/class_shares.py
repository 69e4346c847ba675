"""What is lopsided in a set: one class in nearly all images, or a class in none to learn from; said, not refused."""

from collections import Counter
from typing import Any

from dlcli.data.dataset import Dataset, Kind
from dlcli.messages import listed
from dlcli.training.log import TrainLog
from dlcli.units import show_share

NEARLY_ALL = 0.95  # of the examples


def say_lopsided(kind: Kind[Any], data: Dataset[Any], log: TrainLog) -> None:
    """Examples are the labels of images, or the objects, whichever the kind counts."""
    counts = Counter(class_id for item in data.items for class_id in kind.classes(kind.truth(item)))
    absent = [label for number, label in enumerate(data.labels) if not counts[number]]
    if absent:
        log.say(f"no example to learn from of: {listed(absent)}; what is learned will never find one")
    most, count = counts.most_common(1)[0] if counts else (0, 0)
    share = count / max(1, counts.total())
    if len(data.labels) > 1 and NEARLY_ALL <= share < 1:
        log.say(
            f"{show_share(share)} of the examples are {data.labels[most]}, so that a network that says nothing else "
            "looks good; add others, or try --balance 0.5"
        )
