"""The data of a segmenter's training: read, checked file by file, and refused before the first step where it is bad."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np

from dlcli.data.check import listed_problems, refusal
from dlcli.data.mask_check import check_segmentation_set, without_masks
from dlcli.data.mask_file import read_mask
from dlcli.data.mask_layouts import read_segmentation_set
from dlcli.data.segmentation_set import VOID, MaskPicture, SegmentationSet
from dlcli.messages import listed
from dlcli.runtime.threads import default_threads
from dlcli.training.log import TrainingReport


def checked_masks(
    folder: Path, split: str, labels: tuple[str, ...] | None, skip_bad: bool, report: TrainingReport
) -> SegmentationSet:
    """The split of the set. Bad files are named; they raise DataError (exit 5), or are left out with skip_bad."""
    return without_bad(read_segmentation_set(folder, split, labels), split, skip_bad, report)


def without_bad(data: SegmentationSet, name: str, skip_bad: bool, report: TrainingReport) -> SegmentationSet:
    """The set after a look at every file of it. name: what the set is called in messages."""
    with report.bar(f"checking {name}", len(data.pictures)) as bar:
        problems = check_segmentation_set(data, progress=bar.at)
    if not problems:
        return data
    if not skip_bad:
        raise refusal(data.source, problems, f" in {name}")
    for line in listed_problems(problems):
        report.say(f"left out: {line}")
    return without_masks(data, problems)


def class_pixels(data: SegmentationSet, report: TrainingReport) -> np.ndarray:
    """int64 [N, C]: how many pixels of each picture are of each class. Classes that no picture has are named."""

    def count(picture: MaskPicture) -> np.ndarray:
        return np.bincount(read_mask(picture).ravel(), minlength=VOID + 1)[: len(data.labels)]

    with report.bar("counting classes", len(data.pictures)) as bar, ThreadPoolExecutor(default_threads()) as pool:
        rows = []
        for row in pool.map(count, data.pictures):
            rows.append(row)
            bar.step()
    pixels = np.stack(rows)
    absent = [label for label, total in zip(data.labels, pixels.sum(0), strict=True) if not total]
    if absent:
        report.say(f"no mask to learn from holds a pixel of: {listed(absent)}")
    return pixels


def joined(data: SegmentationSet, more: SegmentationSet) -> SegmentationSet:
    """The pictures of both, those of `data` first."""
    return replace(data, pictures=(*data.pictures, *more.pictures))
