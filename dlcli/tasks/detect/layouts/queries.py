"""DETR and what came of it (arXiv:2005.12872, 2304.08069, 2410.13842): logits and boxes of a few hundred queries."""

import numpy as np

from dlcli.ops.boxes import Floats, cxcywh_to_xyxy
from dlcli.tasks.detect.layouts.layout import IMAGENET, Dense, Layout, Network, Outputs, are_scores, sigmoid, softmax
from dlcli.tasks.detect.layouts.rows import STRETCHED


def _pair(outputs: Outputs, columns: int) -> tuple[str, str] | None:
    """Names of [1, Q, columns] and of boxes [1, Q, 4] in 0 to 1, where both are there once."""
    floats = {name: values for name, values in outputs.items() if values.ndim == 3 and values.shape[0] == 1}
    boxes = [name for name, values in floats.items() if values.shape[2] == 4 and are_scores(values)]
    if columns == 4 and len(boxes) > 1:  # then names must tell
        boxes = [name for name in boxes if "box" in name.lower()]
    logits = [
        name
        for name, values in floats.items()
        if values.shape[2] == columns
        and name not in boxes[:1]
        and boxes
        and values.shape[1] == floats[boxes[0]].shape[1]
    ]
    return (logits[0], boxes[0]) if len(logits) == 1 and len(boxes) == 1 else None


def detr(outputs: Outputs, network: Network) -> tuple[str, ...] | None:
    """One class more than there are labels: "no object", the last."""
    found = _pair(outputs, network.classes + 1)
    return found if found and not sums_to_one(outputs[found[0]]) and has_no_object(outputs[found[0]]) else None


def rtdetr(outputs: Outputs, network: Network) -> tuple[str, ...] | None:
    found = _pair(outputs, network.classes)
    return found if found and not are_scores(outputs[found[0]]) and not has_no_object(outputs[found[0]]) else None


def has_no_object(logits: Floats) -> bool:
    """Whether the last class stands for no object: most queries find none, and their logits say so.

    Where each class has a sigmoid of its own, a query that finds nothing has negative logits alone.
    """
    return bool((logits[0, :, -1] > 0).mean() > 0.5)


def sums_to_one(values: Floats) -> bool:
    return are_scores(values) and bool(np.allclose(values.sum(-1), 1, atol=1e-2))


def decode_detr(logits: Floats, boxes: Floats, network: Network) -> Dense:
    """logits: [1, Q, classes + 1]. boxes: [1, Q, 4], center and size as shares of the input."""
    return Dense(_pixels(boxes, network), softmax(logits[0])[:, :-1])


def decode_rtdetr(logits: Floats, boxes: Floats, network: Network) -> Dense:
    """The same with [1, Q, classes], each class by itself."""
    return Dense(_pixels(boxes, network), sigmoid(logits[0]))


def _pixels(boxes: Floats, network: Network) -> Floats:
    return cxcywh_to_xyxy(boxes[0] * np.array([*network.size, *network.size], np.float32))


DETR = Layout("detr", "DETR: logits [1, Q, classes + 1] and boxes [1, Q, 4]", detr, decode_detr, False, IMAGENET)
RTDETR = Layout(
    "rtdetr", "RT-DETR, D-FINE: logits [1, Q, classes] and boxes [1, Q, 4]", rtdetr, decode_rtdetr, False, STRETCHED
)
LAYOUTS = (DETR, RTDETR)
