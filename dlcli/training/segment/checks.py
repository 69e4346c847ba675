"""What `dlcli train segment` refuses before any work, beyond what an option's own range can say."""

import math

import numpy as np
import torch

from dlcli.errors import UsageError
from dlcli.nets.build_segmenter import check_network_name
from dlcli.training.segment.mask_losses.total import parse_loss
from dlcli.training.segment.options import AUTO, NONE, SegmentTraining

STEP = 32  # pixels: what the backbone narrows an image by
LARGEST_WEIGHT = 10.0  # that "auto" gives


def check_options(options: SegmentTraining) -> None:
    """UsageError names the option, its value and what was expected."""
    for name, size in (("--size", options.size), ("--start-size", options.start_size)):
        if size % STEP:
            raise UsageError(f"{name} {size}: expected a multiple of {STEP}, such as 320")
    check_network_name(options.net)
    parse_loss(options.loss)
    listed_weights(options.class_weights)


def check_batch(options: SegmentTraining, images: int) -> None:
    """UsageError where batch normalization would see a single value: one image whose coarsest features are a cell."""
    smallest = min(size for size in (options.size, options.start_size) if size)
    one_cell = smallest == STEP or "/deeplab" in options.net
    if min(options.batch, images) == 1 and one_cell:
        raise UsageError(f"one image a step: {options.net} at {smallest} pixels needs two or more; pass --batch 2")


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
