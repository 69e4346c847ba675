"""Which class was found in place of which: the confusion matrix of boxes, of one image or of many."""

import numpy as np

from dlcli.metrics.box_matching import overlaps
from dlcli.records import Boxes

SCORE = 0.25  # boxes below are none: what `dlcli detect` shows
IOU = 0.5


def box_confusion(
    predicted: Boxes,
    truth_xyxy: np.ndarray,
    truth_class_ids: np.ndarray,
    ignore: np.ndarray,
    crowd: np.ndarray,
    class_count: int,
) -> np.ndarray:
    """int64 [C + 1, C + 1], rows the truth, columns the prediction.

    Boxes with a score of SCORE and more and truths are matched one to one whatever their classes, the largest overlap
    first, down to IOU. A truth that is left is in the last column, a box that is left in the last row, unless it
    overlaps an ignored truth by as much. Arguments as for DetectionMetric.add; the last corner is 0.
    """
    boxes = predicted[predicted.scores >= SCORE]
    found = np.zeros((class_count + 1, class_count + 1), np.int64)
    overlap = overlaps(boxes.xyxy, truth_xyxy, crowd)  # [N, M]
    counted = ~(ignore | crowd)
    vague = np.any(overlap[:, ~counted] >= IOU, axis=1)  # [N]
    pairs = _matched(np.where(counted[None, :], overlap, -1.0))
    for box, truth in pairs:
        found[truth_class_ids[truth], boxes.class_ids[box]] += 1
    rows, columns = {box for box, _ in pairs}, {truth for _, truth in pairs}
    for box in set(range(len(boxes))) - rows:
        found[class_count, boxes.class_ids[box]] += not vague[box]
    for truth in set(np.flatnonzero(counted).tolist()) - columns:
        found[truth_class_ids[truth], class_count] += 1
    return found


def f1_of(confusion: np.ndarray) -> float:
    """The share of right boxes among boxes and truths, in [0, 1]; NaN where there is neither."""
    boxes, truths = confusion[:, :-1].sum(), confusion[:-1].sum()
    return float(2 * np.trace(confusion) / (boxes + truths)) if boxes + truths else float("nan")


def _matched(overlap: np.ndarray) -> list[tuple[int, int]]:
    """(box, truth) of float64 [N, M], the largest overlap first, each once; the first of equals."""
    rows, columns = np.nonzero(overlap >= IOU)
    order = np.argsort(-overlap[rows, columns], kind="stable")
    pairs: list[tuple[int, int]] = []
    used: tuple[set[int], set[int]] = (set(), set())
    for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
        if row not in used[0] and column not in used[1]:
            pairs.append((row, column))
            used[0].add(row)
            used[1].add(column)
    return pairs
