"""Boxes as arrays: the three ways to write them down, areas, intersection over union.

Everywhere inside dlcli a box is xyxy: float32 (x1, y1, x2, y2) in pixels, x2 and y2 exclusive.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def xyxy_to_xywh(boxes: Floats) -> Floats:
    """[N, 4] corners -> corner and size (x1, y1, w, h), as COCO writes them."""
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], axis=1)


def xywh_to_xyxy(boxes: Floats) -> Floats:
    """[N, 4] corner and size -> corners."""
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def xyxy_to_cxcywh(boxes: Floats) -> Floats:
    """[N, 4] corners -> center and size (cx, cy, w, h), as YOLO writes them and anchors need them."""
    size = boxes[:, 2:] - boxes[:, :2]
    return np.concatenate([boxes[:, :2] + size / 2, size], axis=1)


def cxcywh_to_xyxy(boxes: Floats) -> Floats:
    """[N, 4] center and size -> corners."""
    half = boxes[:, 2:] / 2
    return np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], axis=1)


def box_area(boxes: Floats) -> Floats:
    """[N, 4] xyxy -> [N]. A box whose corners are out of order has area 0."""
    size = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    return size[:, 0] * size[:, 1]


def box_intersection(a: Floats, b: Floats) -> Floats:
    """Overlapping area of each pair: xyxy [N, 4], [M, 4] -> [N, M]."""
    width = np.minimum(a[:, None, 2], b[None, :, 2]) - np.maximum(a[:, None, 0], b[None, :, 0])  # [N, M]
    height = np.minimum(a[:, None, 3], b[None, :, 3]) - np.maximum(a[:, None, 1], b[None, :, 1])  # [N, M]
    return np.maximum(width, 0) * np.maximum(height, 0)


def box_iou(a: Floats, b: Floats) -> Floats:
    """Intersection over union of each pair: xyxy [N, 4], [M, 4] -> [N, M] in [0, 1].

    Two boxes without area have IoU 0, also with each other. N or M may be 0.
    """
    shared = box_intersection(a, b)
    union = box_area(a)[:, None] + box_area(b)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def clip_boxes(boxes: Floats, width: float, height: float) -> Floats:
    """[N, 4] xyxy, cut off at the image's edges."""
    limit = np.array([width, height, width, height], boxes.dtype)
    return np.clip(boxes, 0, limit)
