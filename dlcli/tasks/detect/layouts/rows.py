"""One row a box, chosen by the network: YOLOv10, YOLO26, exports with NMS inside, EfficientDet, RT-DETR's rows."""

import numpy as np

from dlcli.ops.boxes import Floats, cxcywh_to_xyxy
from dlcli.tasks.detect.layouts.layout import (
    IMAGENET,
    SHARES,
    Dense,
    Layout,
    Listed,
    Network,
    Outputs,
    Usual,
    are_scores,
    only,
)

STRETCHED = Usual(SHARES.mean, SHARES.std, "stretch")
MOST = 1000  # rows that a network chooses


def end_to_end(outputs: Outputs, network: Network) -> tuple[str, ...] | None:
    """[1, N, 6]: x1, y1, x2, y2, score, class id from 0."""
    found = only(outputs, 1, None, 6)
    if found is None or outputs[found[0]].shape[1] > MOST:
        return None
    rows = outputs[found[0]][0]
    return found if are_scores(rows[:, 4]) and are_ids(rows[:, 5], network.classes) and are_corners(rows) else None


def are_ids(values: Floats, classes: int, first: int = 0) -> bool:
    """Whether they are whole numbers of classes that there are; rows that hold nothing may have 0 or -1."""
    return bool((values == np.rint(values)).all() and (values >= -1).all() and (values < classes + first).all())


def are_corners(rows: Floats) -> bool:
    return bool((rows[:, 2] >= rows[:, 0]).all() and (rows[:, 3] >= rows[:, 1]).all())


def decode_end_to_end(rows: Floats, network: Network) -> Listed:
    rows = rows[0]
    return Listed(rows[:, :4], rows[:, 4], np.rint(rows[:, 5]).astype(np.int64))


def yolov7(outputs: Outputs, network: Network) -> tuple[str, ...] | None:
    """[N, 7]: number of the image, x1, y1, x2, y2, class id, score; N is what was found, so it may be 0."""
    found = only(outputs, None, 7)
    if found is None:
        return None
    rows = outputs[found[0]]
    return found if not len(rows) or (are_scores(rows[:, 6]) and are_ids(rows[:, 5], network.classes)) else None


def decode_yolov7(rows: Floats, network: Network) -> Listed:
    return Listed(rows[:, 1:5], rows[:, 6], np.rint(rows[:, 5]).astype(np.int64))


def efficientdet(outputs: Outputs, network: Network) -> tuple[str, ...] | None:
    """[1, N, 7]: number of the image, y1, x1, y2, x2 in pixels, score, class id from 1."""
    found = only(outputs, 1, None, 7)
    if found is None or outputs[found[0]].shape[1] > MOST:
        return None
    rows = outputs[found[0]][0]
    fits = are_scores(rows[:, 5]) and are_ids(rows[:, 6], network.classes, 1) and (rows[:, 0] == rows[0, 0]).all()
    return found if fits and are_corners(rows[:, 1:]) else None


def decode_efficientdet(rows: Floats, network: Network) -> Listed:
    rows = rows[0]
    return Listed(rows[:, [2, 1, 4, 3]], rows[:, 5], np.rint(rows[:, 6]).astype(np.int64) - 1)


def shares(outputs: Outputs, network: Network) -> tuple[str, ...] | None:
    """[1, N, 4 + classes]: center and size as shares of the input, then a score a class."""
    found = only(outputs, 1, None, 4 + network.classes)
    if found is None or outputs[found[0]].shape[1] > MOST or not are_scores(outputs[found[0]]):
        return None
    return found


def decode_shares(rows: Floats, network: Network) -> Dense:
    rows = rows[0]
    scale = np.array([*network.size, *network.size], np.float32)
    return Dense(cxcywh_to_xyxy(rows[:, :4] * scale), rows[:, 4:])


END_TO_END = Layout(
    "end-to-end",
    "YOLOv10, YOLO26, YOLO exported with NMS: [1, N, 6] of corners, score, class",
    end_to_end,
    decode_end_to_end,
    False,
)
YOLOV7 = Layout(
    "yolov7-nms", "YOLOv7 exported with NMS: [N, 7] of image, corners, class, score", yolov7, decode_yolov7, False
)
EFFICIENTDET = Layout(
    "efficientdet",
    "EfficientDet: [1, N, 7] of image, y1, x1, y2, x2, score, class from 1",
    efficientdet,
    decode_efficientdet,
    False,
    IMAGENET,
)
RTDETR_ROWS = Layout(
    "rtdetr-rows",
    "RT-DETR of ultralytics: [1, N, 4 + classes], boxes as shares",
    shares,
    decode_shares,
    False,
    STRETCHED,
)
LAYOUTS = (END_TO_END, YOLOV7, EFFICIENTDET, RTDETR_ROWS)
