"""Proposals: the regions in which the anchor head expects something, for a second, closer look (Fast R-CNN)."""

import numpy as np
from numpy.typing import NDArray

from dlcli.ops.anchors import AnchorGrid, decode_boxes
from dlcli.ops.boxes import Floats, clip_boxes
from dlcli.ops.nms import nms

CANDIDATES = 1000  # the best anchors that NMS looks at
LEAST_SIDE = 1.0  # pixels; what is thinner after clipping is no region


def best_proposals(
    logits: Floats, offsets: Floats, grid: AnchorGrid, count: int = 200, iou: float = 0.7
) -> tuple[Floats, NDArray[np.int64]]:
    """The best `count` boxes of one image after NMS over all classes at once, best first.

    logits: float32 [A, classes]; an anchor is as good as its best class. offsets: float32 [A, 4].
    Gives xyxy float32 [K, 4] in pixels, clipped to the input, and the anchor of each, int64 [K]. K may be less
    than `count`, even 0.
    """
    scores = logits.max(1)  # [A]
    anchors = np.argsort(-scores, kind="stable")[:CANDIDATES]
    xyxy = decode_boxes(offsets[anchors], grid.cxcywh[anchors], grid.variances)
    xyxy = clip_boxes(xyxy, grid.width, grid.height)
    large = (xyxy[:, 2:] - xyxy[:, :2] >= LEAST_SIDE).all(1)
    anchors, xyxy = anchors[large], xyxy[large]
    kept = nms(xyxy, scores[anchors], iou)[:count]
    return xyxy[kept], anchors[kept].astype(np.int64)
