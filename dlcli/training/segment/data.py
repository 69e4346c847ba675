"""The data of a segmenter's training: how much there is of each class, and true masks joined with weak ones."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from dlcli.data.mask_file import read_mask
from dlcli.data.masks import VOID, MaskItem, MaskSet
from dlcli.messages import listed
from dlcli.runtime.threads import default_threads
from dlcli.training.log import TrainingReport


def class_pixels(data: MaskSet, report: TrainingReport) -> np.ndarray:
    """int64 [N, C]: how many pixels of each image are of each class. Classes that no image has are named."""

    def count(item: MaskItem) -> np.ndarray:
        return np.bincount(read_mask(item).ravel(), minlength=VOID + 1)[: len(data.labels)]

    with report.bar("counting classes", len(data.items)) as bar, ThreadPoolExecutor(default_threads()) as pool:
        rows = []
        for row in pool.map(count, data.items):
            rows.append(row)
            bar.step()
    pixels = np.stack(rows)
    absent = [label for label, total in zip(data.labels, pixels.sum(0), strict=True) if not total]
    if absent:
        report.say(f"no mask to learn from holds a pixel of: {listed(absent)}")
    return pixels


def joined(data: MaskSet, more: MaskSet) -> MaskSet:
    """The images of both, those of `data` first."""
    return replace(data, items=(*data.items, *more.items))
