"""What is measured of each kind of target, by the names that the JSON of `dlcli eval` has. Light: no NumPy."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dlcli.data.kind_names import BOXES, CLASSES, MASKS
from dlcli.frozen import dataclass


@dataclass(frozen=True)
class MetricNames:
    """The metrics of a kind of target, all in [0, 1]. task: the one that is scored.

    means: of the whole set, name to title. of_a_class: the same of a class. class_of: for each mean, the metric of a
    class that explains it. amount: the field of a class that says how much truth the set has of it.
    """

    means: Mapping[str, str]
    of_a_class: Mapping[str, str]
    class_of: Mapping[str, str]
    amount: str
    task: str = ""

    @property
    def schema(self) -> str:
        return f"dlcli.eval.{self.task}/1"

    @property
    def known(self) -> str:
        """All names, for messages."""
        return ", ".join([*self.means, *(f"{name}[CLASS]" for name in self.of_a_class)])

    @property
    def help(self) -> str:
        """What --min and --max-drop may name, for --help."""
        return f"--min and --max-drop may name: {self.known}."


_BOXES = MetricNames(
    means={
        "map50": "mAP50 (COCO, 101 points)",
        "map50_95": "mAP50-95 (COCO)",
        "map50_voc": "mAP50 (VOC, all points)",
        "map50_voc11": "mAP50 (VOC 2007, 11 points)",
    },
    of_a_class={
        "ap50": "AP50",
        "ap50_95": "AP50-95",
        "ap50_voc": "AP50 (VOC)",
        "ap50_voc11": "AP50 (VOC 2007)",
    },
    class_of={"map50": "ap50", "map50_95": "ap50_95", "map50_voc": "ap50_voc", "map50_voc11": "ap50_voc11"},
    amount="truths",
)
_MASKS = MetricNames(
    means={"miou": "mIoU", "mdice": "mean Dice", "pixel_accuracy": "pixel accuracy"},
    of_a_class={"iou": "IoU", "dice": "Dice", "accuracy": "accuracy"},
    class_of={"miou": "iou", "mdice": "dice", "pixel_accuracy": "accuracy"},
    amount="truth_pixels",
)
_CLASSES = MetricNames(
    means={
        "top1": "top-1",
        "top5": "top-5",
        "top1_among": "top-1 among the set's classes",
        "top5_among": "top-5 among the set's classes",
        "map": "mAP",
    },
    of_a_class={"accuracy": "accuracy", "accuracy_among": "among", "ap": "AP"},
    class_of={
        "top1": "accuracy",
        "top5": "accuracy",
        "top1_among": "accuracy_among",
        "top5_among": "accuracy_among",
        "map": "ap",
    },
    amount="truths",
)


METRICS_OF = {BOXES: _BOXES, MASKS: _MASKS, CLASSES: _CLASSES}


def metric_names_of(task: str, kind: str) -> MetricNames:
    """The metrics that `dlcli eval TASK` measures."""
    return replace(METRICS_OF[kind], task=task)


def value_of(report: Mapping[str, Any], name: str, label: str | None = None) -> float | None:
    """A metric in the JSON of an evaluation, of a class where `label` is given; None where it has no value."""
    place = report if label is None else class_of(report, label)
    return None if place is None else place.get(name)


def class_of(report: Mapping[str, Any], label: str) -> Mapping[str, Any] | None:
    """What such a JSON says of a class; None where it knows no such class."""
    return next((entry for entry in report["classes"] if entry["label"] == label), None)


def differences(now: Mapping[str, Any], before: Mapping[str, Any], metrics: MetricNames) -> dict[str, Any]:
    """Now less before, of every mean and of every class that either has; None where one of the two has no value."""
    labels = dict.fromkeys(entry["label"] for report in (now, before) for entry in report["classes"])

    def less(name: str, label: str | None = None) -> float | None:
        return difference(value_of(now, name, label), value_of(before, name, label))

    return {
        "means": {name: less(name) for name in metrics.means},
        "classes": [{"label": label} | {name: less(name, label) for name in metrics.of_a_class} for label in labels],
    }


def difference(now: float | None, before: float | None) -> float | None:
    """To the six decimals that both have."""
    return None if now is None or before is None else round(now - before, 6) + 0.0
