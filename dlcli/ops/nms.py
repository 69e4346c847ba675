"""Non-maximum suppression: of boxes that overlap, the best one stays."""

import numpy as np
from numpy.typing import NDArray

from dlcli.ops.boxes import Floats, box_area
from dlcli.records import Boxes


def nms(xyxy: Floats, scores: Floats, iou: float) -> NDArray[np.int64]:
    """Indices of the boxes that stay, best score first: xyxy [N, 4], scores [N] -> int64 [K].

    The best box left stays and drops every other whose IoU with it is above `iou`; then the next.
    Equal scores: the lower index first.
    """
    order = np.argsort(-scores, kind="stable")
    x1, y1, x2, y2 = xyxy[order].T
    area = box_area(xyxy[order])
    alive = np.ones(len(order), bool)
    kept = []
    for i in range(len(order)):
        if not alive[i]:
            continue
        kept.append(i)
        rest = slice(i + 1, None)
        width = np.minimum(x2[i], x2[rest]) - np.maximum(x1[i], x1[rest])
        height = np.minimum(y2[i], y2[rest]) - np.maximum(y1[i], y1[rest])
        shared = np.maximum(width, 0) * np.maximum(height, 0)
        alive[rest] &= shared <= iou * (area[i] + area[rest] - shared)
    return order[kept].astype(np.int64)


def nms_per_class(boxes: Boxes, iou: float) -> Boxes:
    """NMS within each class; what stays is sorted by score, best first (ties: the earlier box)."""
    kept = [
        index[nms(boxes.xyxy[index], boxes.scores[index], iou)]
        for index in (np.flatnonzero(boxes.class_ids == c) for c in sorted({*boxes.class_ids.tolist()}))
    ]
    if not kept:
        return boxes
    stay = np.sort(np.concatenate(kept))
    return boxes[stay[np.argsort(-boxes.scores[stay], kind="stable")]]
