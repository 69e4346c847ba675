"""Boxes from the outputs of YOLO networks of others, as YOLOv5 and YOLOv8 export them."""

import numpy as np

from dlcli.errors import DataError
from dlcli.models.decodings import YOLO_V5, YOLO_V8
from dlcli.ops.boxes import Floats, cxcywh_to_xyxy
from dlcli.ops.nms import nms_per_class
from dlcli.records import Boxes
from dlcli.tasks.detect.decode import MAX_CANDIDATES

ROUNDING = 1e-3  # by which a score may lie above 1


def decode_yolo(
    output: Floats, kind: str, classes: int, class_ids: "np.ndarray | None", conf: float, iou: float
) -> Boxes:
    """Boxes in pixels of the network's input, best first; they may reach over its edges.

    output: float32 [4 + classes, N] of kind "yolov8", [N, 5 + classes] of "yolov5", or either the other way round: the
    center and the size of each box in pixels of the input, then its scores in [0, 1]; "yolov5" has the objectness
    before them, which multiplies them. class_ids: bool [classes], which are asked for; None: all.
    A box is of its best class among those alone. It goes below the score `conf`, overlaps above `iou` by NMS per class.
    DataError: another shape, or scores that are none.
    """
    columns = _columns(output, kind, classes)
    scores = columns[4:] if kind == YOLO_V8 else columns[5:] * columns[4]  # [classes, N]
    if class_ids is not None:
        scores = np.where(class_ids[:, None], scores, np.float32(-1))
    found = np.flatnonzero(~(scores.max(0) < conf))  # NaN too
    ids = scores[:, found].argmax(0)
    best = scores[ids, found]
    if not (best <= 1 + ROUNDING).all() or not np.isfinite(columns[:4, found]).all():
        raise DataError(
            f"the network's scores: expected numbers of 0 to 1, got {best.max():.4g} or values that are not numbers; "
            "export it with its last sigmoid, and import it again"
        )
    asked = best >= 0
    found, ids, best = found[asked], ids[asked], best[asked]
    if len(best) > MAX_CANDIDATES:
        top = np.sort(np.argsort(-best, kind="stable")[:MAX_CANDIDATES])
        found, ids, best = found[top], ids[top], best[top]
    xyxy = cxcywh_to_xyxy(np.ascontiguousarray(columns[:4, found].T)).astype(np.float32)
    return nms_per_class(Boxes(xyxy, np.minimum(best, 1).astype(np.float32), ids.astype(np.int64)), iou)


def _columns(output: Floats, kind: str, classes: int) -> Floats:
    """[4 or 5 + classes, N], whichever way round the output is; where both ways fit, its kind's own."""
    rows = classes + (5 if kind == YOLO_V5 else 4)
    own = output if kind == YOLO_V8 else output.T
    for columns in (own, own.T):
        if output.ndim == 2 and columns.shape[0] == rows:
            return columns
    raise DataError(f"the network's output: expected {rows} numbers a box for {classes} classes, got {output.shape}")
