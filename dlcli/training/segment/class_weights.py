"""How much there is of each class in the masks to learn from, and what the classes weigh in the loss."""

import math

import numpy as np
import torch

from dlcli.data.mask_file import read_mask
from dlcli.data.masks import VOID, MaskItem, MaskSet
from dlcli.errors import UsageError
from dlcli.messages import listed
from dlcli.runtime.parallel import in_order
from dlcli.runtime.threads import default_threads
from dlcli.training.log import TrainLog
from dlcli.training.segment.options import AUTO, NONE

LARGEST_WEIGHT = 10.0  # that "auto" gives


def class_pixels(data: MaskSet, log: TrainLog) -> np.ndarray:
    """int64 [N, C]: how many pixels of each image are of each class. Classes that no image has are named."""

    def count(item: MaskItem) -> np.ndarray:
        return np.bincount(read_mask(item).ravel(), minlength=VOID + 1)[: len(data.labels)]

    rows = []
    with log.bar("counting classes", len(data.items)) as bar:
        for _, row in in_order(count, data.items, default_threads()):
            rows.append(row)
            bar.step()
    pixels = np.stack(rows)
    absent = [label for label, total in zip(data.labels, pixels.sum(0), strict=True) if not total]
    if absent:
        log.say(f"no mask to learn from holds a pixel of: {listed(absent)}")
    return pixels


def listed_weights(text: str) -> list[float] | None:
    """ "1,2,2" -> numbers, None for auto and none. UsageError for anything else."""
    if text in (AUTO, NONE):
        return None
    try:
        weights = [float(word) for word in text.split(",")]
    except ValueError:
        weights = []
    if not weights or not all(math.isfinite(weight) and weight >= 0 for weight in weights) or max(weights) == 0:
        raise UsageError(f"--class-weights {text}: expected {NONE}, {AUTO}, or a number a class, such as 1,2,2")
    return weights


def class_weights(text: str, pixels: np.ndarray, labels: tuple[str, ...]) -> torch.Tensor | None:
    """Float32 [C] for the loss, None where all weigh the same. UsageError: not one number a class.

    pixels: int64 [N, C], of each class in each image. auto is median-frequency balancing (arXiv:1411.4734): a
    class's frequency is its share of the images that have it, its weight the median of all frequencies by its own,
    at most LARGEST_WEIGHT; a class without a pixel weighs 1.
    """
    listed = listed_weights(text)
    if text == NONE:
        return None
    if listed is not None:
        if len(listed) != len(labels):
            raise UsageError(
                f"--class-weights {text}: expected {len(labels)} numbers, for {', '.join(labels)}; got {len(listed)}"
            )
        return torch.tensor(listed)
    has = pixels > 0
    around = (has * pixels.sum(1, keepdims=True)).sum(0)  # pixels of the images that have the class
    frequency = pixels.sum(0) / np.maximum(around, 1)
    seen = frequency > 0
    weights = np.ones(len(labels))
    weights[seen] = np.median(frequency[seen]) / frequency[seen]
    return torch.tensor(np.minimum(weights, LARGEST_WEIGHT), dtype=torch.float32)
