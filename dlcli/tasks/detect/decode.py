"""From what the network says about each anchor to boxes in the network's input."""

import numpy as np

from dlcli.ops.anchors import AnchorGrid, decode_boxes
from dlcli.ops.boxes import Floats, clip_boxes
from dlcli.ops.calibration import PLAIN, Calibration
from dlcli.ops.nms import nms_per_class
from dlcli.records import Boxes

MAX_CANDIDATES = 3000  # the best (anchor, class) pairs that NMS looks at


def decode(
    logits: Floats, offsets: Floats, grid: AnchorGrid, conf: float, iou: float, calibration: Calibration = PLAIN
) -> Boxes:
    """Boxes in pixels of the network's input, best first.

    logits: float32 [A, classes]; an anchor may be several classes. offsets: float32 [A, 4].
    Pairs below the score `conf` go before anything else is computed, overlaps above `iou` by NMS per class.
    """
    least = calibration.logits(np.array(conf))
    flat = np.ascontiguousarray(logits).reshape(-1)
    pairs = np.flatnonzero(flat >= least)  # ten times as fast as a nonzero in two dimensions
    anchors, class_ids = np.divmod(pairs, logits.shape[1])
    chosen = flat[pairs]
    if len(chosen) > MAX_CANDIDATES:
        top = np.sort(np.argsort(-chosen, kind="stable")[:MAX_CANDIDATES])
        anchors, class_ids, chosen = anchors[top], class_ids[top], chosen[top]
    xyxy = clip_boxes(decode_boxes(offsets[anchors], grid.cxcywh[anchors], grid.variances), grid.width, grid.height)
    return nms_per_class(Boxes(xyxy, calibration.scores(chosen), class_ids.astype(np.int64)), iou)
