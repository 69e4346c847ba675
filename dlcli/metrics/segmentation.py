"""IoU, Dice and pixel accuracy of class masks from one confusion matrix over a set; evaluation and training call this.

What an empty mask counts as is said once, in the head of ops/masks.py: a class that neither truth nor prediction holds
has no value (NaN here) and is left out of the means.
"""

import numpy as np

from dlcli.frozen import dataclass

VOID = 255  # truth that does not count


@dataclass(frozen=True)
class SegmentationScores:
    """Scores in [0, 1] over C classes, the background one of them; pixels of the whole set are counted together.

    confusion: int64 [C, C], pixels by true class (row) and predicted class (column).
    iou, dice, accuracy: float64 [C]. IoU is |A and B| / |A or B| and Dice 2 |A and B| / (|A| + |B|), NaN where both
    are empty; accuracy is the share of a class's true pixels that were found, NaN where it has none.
    miou, mdice: means over the classes that have a value; pixel_accuracy: the share of all pixels that are right.
    They are NaN where no pixel counts. images: how many were added.
    """

    confusion: np.ndarray
    iou: np.ndarray
    dice: np.ndarray
    accuracy: np.ndarray
    miou: float
    mdice: float
    pixel_accuracy: float
    images: int


class SegmentationMetric:
    """Collects predicted masks against the truth, image by image. class_count: C, at most 255."""

    def __init__(self, class_count: int):
        self._class_count = class_count
        self._pairs: list[np.ndarray] = []  # an image each: int64 [K], places in its confusion that are not 0
        self._pixels: list[np.ndarray] = []  # int64 [K], what stands there

    def add(self, predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
        """Count an image: uint8 [H, W] of classes each, the truth VOID where it does not count. Its own confusion.

        ValueError: two sizes, or a class of C or more.
        """
        confusion = confusion_of(predicted, truth, self._class_count)
        pairs = np.flatnonzero(confusion)
        self._pairs.append(pairs)
        self._pixels.append(confusion.ravel()[pairs])
        return confusion

    def value(self, times: np.ndarray | None = None) -> SegmentationScores:
        """The scores of all images so far. times: int64 [images], how often each counts; None: once."""
        times = np.ones(len(self._pairs), np.int64) if times is None else times
        nothing = np.zeros(0, np.int64)
        pixels = np.concatenate([nothing, *self._pixels]) * np.repeat(times, [len(row) for row in self._pairs])
        confusion = np.zeros(self._class_count**2, np.int64)
        np.add.at(confusion, np.concatenate([nothing, *self._pairs]), pixels)
        return scores_of(confusion.reshape(self._class_count, -1), int(times.sum()))


def confusion_of(predicted: np.ndarray, truth: np.ndarray, class_count: int) -> np.ndarray:
    """int64 [C, C], pixels by true (row) and predicted class (column); VOID truth is left out."""
    if predicted.shape != truth.shape:
        raise ValueError(f"masks: expected one size, got {list(predicted.shape)} and {list(truth.shape)}")
    pairs = truth.astype(np.uint16) << 8 | predicted
    table = np.bincount(pairs.ravel(), minlength=1 << 16).reshape(256, 256)[:VOID]
    if table[class_count:].any() or table[:, class_count:].any():
        raise ValueError(f"masks: expected classes below {class_count}, or {VOID} in the truth")
    return table[:class_count, :class_count].astype(np.int64)


def scores_of(confusion: np.ndarray, images: int = 1) -> SegmentationScores:
    """The scores of a confusion matrix int64 [C, C]."""
    hits = np.diag(confusion).astype(np.float64)
    true, predicted, pixels = confusion.sum(1), confusion.sum(0), confusion.sum()
    iou = _ratio(hits, true + predicted - hits)
    dice = _ratio(2 * hits, true + predicted)
    return SegmentationScores(
        confusion,
        iou,
        dice,
        _ratio(hits, true),
        _mean(iou),
        _mean(dice),
        float(hits.sum() / pixels) if pixels else float("nan"),
        images,
    )


def _ratio(above: np.ndarray, below: np.ndarray) -> np.ndarray:
    """float64 [C], NaN where nothing is below."""
    return np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)


def _mean(values: np.ndarray) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
