"""A labelled set as doctor looks at it: parts with their pictures, whatever the task and the layout."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.data.check import check_detection_set
from dlcli.data.class_check import check_classification_set
from dlcli.data.class_layouts import classification_splits, read_classification_set
from dlcli.data.detection_set import LabelledPicture, Problem
from dlcli.data.layouts import SYNONYMS, detection_splits, read_detection_set
from dlcli.data.mask_check import check_segmentation_set
from dlcli.data.mask_file import read_mask
from dlcli.data.mask_layouts import read_segmentation_set, segmentation_splits
from dlcli.data.segmentation_set import VOID, MaskPicture
from dlcli.errors import DataError, UsageError

USUAL = ("train", "val", "test")
TASKS = ("detect", "segment", "classify")


@dataclass(frozen=True)
class Sample:
    """One picture. classes: the class ids in it, one for each box. truth: equal where two are labelled alike.

    Both are empty for masks until `mask_classes` has read them.
    """

    path: Path
    classes: tuple[int, ...]
    truth: Any = None
    masked: MaskPicture | None = None


@dataclass(frozen=True)
class Part:
    """A split, "" for a set without. problems: bad files, as `dlcli train` would refuse them, headers only."""

    name: str
    labels: tuple[str, ...]
    samples: tuple[Sample, ...]
    problems: tuple[Problem, ...]
    layout: str


@dataclass(frozen=True)
class LabelledSet:
    """also: other tasks that the same folder has labels for. unread: splits that were not asked for."""

    task: str
    parts: tuple[Part, ...]
    also: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def read_set(place: Path, task: str = "", splits: tuple[str, ...] = ()) -> LabelledSet:
    """Read and check all of a set but its pixels. task: one of TASKS, "" for the first of them that fits.

    splits: which; (): train, val and test where it has them (or a synonym), else all that it has.
    DataError: no layout fits, or a split is not there. UsageError: a split is named twice.
    """
    if not place.exists():
        raise DataError(f"{place}: no such folder; expected a labelled data set")
    fitting = _fitting(place, task)
    task, there = next(iter(fitting.items()))
    chosen = splits or usual_splits(there)
    if len(set(chosen)) < len(chosen):
        raise UsageError(f"--splits {','.join(chosen)}: expected each split once")
    read = {"detect": _detection, "segment": _segmentation, "classify": _classification}[task]
    parts = tuple(read(place, name) for name in chosen or (None,))
    unread = tuple(name for name in there if name not in chosen)
    return LabelledSet(task, parts, tuple(name for name in fitting if name != task), unread)


def usual_splits(there: list[str]) -> tuple[str, ...]:
    """Those named train, val and test or a synonym; else all but trainval and VOC's lists of one class."""
    usual = [name for word in USUAL for name in (word, *SYNONYMS[word]) if name in there]
    return tuple(usual or [name for name in there if "_" not in name and name not in ("all", "trainval")])


def mask_classes(sample: Sample) -> Sample:
    """The sample with the classes of its mask, each once, without VOID. DataError: the mask cannot be read."""
    if sample.masked is None:
        return sample
    mask = read_mask(sample.masked)
    present = tuple(int(value) for value in np.flatnonzero(np.bincount(mask.ravel(), minlength=256)) if value != VOID)
    return Sample(sample.path, present, (mask.shape, hash(mask.tobytes())), sample.masked)


def _fitting(place: Path, task: str) -> dict[str, list[str]]:
    """Tasks that the set has labels for, with the splits of each. A folder per class is looked for last."""
    looks: dict[str, Callable[[Path], list[str]]] = {
        "detect": detection_splits,
        "segment": segmentation_splits,
        "classify": classification_splits,
    }
    found: dict[str, list[str]] = {}
    failed: list[str] = []
    for name in (task,) if task else TASKS:
        if name == "classify" and found:  # nearly every folder holds folders
            break
        try:
            found[name] = looks[name](place)
        except DataError as error:
            failed.append(str(error))
    if not found:
        raise DataError("\n".join(failed))
    return found


def _detection(place: Path, split: str | None) -> Part:
    data = read_detection_set(place, split)
    samples = tuple(Sample(item.path, tuple(item.class_ids.tolist()), _boxes(item)) for item in data.pictures)
    return Part(split or "", data.labels, samples, check_detection_set(data, decode=False), data.layout)


def _boxes(item: LabelledPicture) -> Any:
    return tuple(sorted(zip(item.class_ids.tolist(), map(tuple, item.xyxy.round().tolist()), strict=True)))


def _segmentation(place: Path, split: str | None) -> Part:
    data = read_segmentation_set(place, split)
    samples = tuple(Sample(item.path, (), None, item) for item in data.pictures)
    return Part(split or "", data.labels, samples, check_segmentation_set(data, decode=False), data.layout)


def _classification(place: Path, split: str | None) -> Part:
    data = read_classification_set(place, split)
    samples = tuple(Sample(item.path, item.class_ids, item.class_ids) for item in data.pictures)
    return Part(split or "", data.labels, samples, check_classification_set(data, decode=False), data.layout)
