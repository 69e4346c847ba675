"""Boxes, scores and classes in arrays of their own: SSD of TensorFlow and of PyTorch, torchvision's detectors."""

import numpy as np

from dlcli.ops.boxes import Floats
from dlcli.tasks.detect.layouts.layout import Dense, Layout, Listed, Network, Outputs, Usual, are_scores
from dlcli.tasks.detect.layouts.queries import sums_to_one
from dlcli.tasks.detect.layouts.rows import are_ids

TF_NAMES = ("detection_boxes", "detection_scores", "detection_classes")


def tensorflow(outputs: Outputs, network: Network) -> tuple[str, ...] | None:
    """Boxes [1, N, 4] as y1, x1, y2, x2 in shares, scores [1, N], class ids [1, N] from 1."""
    found = [next((name for name in outputs if name.partition(":")[0] == wanted), "") for wanted in TF_NAMES]
    if not all(found):
        return None
    boxes, scores, ids = (outputs[name] for name in found)
    fits = boxes.ndim == 3 and boxes.shape[2] == 4 and scores.shape == ids.shape == boxes.shape[:2]
    return tuple(found) if fits and are_scores(scores) and are_ids(ids, network.classes, 1) else None


def decode_tensorflow(boxes: Floats, scores: Floats, ids: Floats, network: Network) -> Listed:
    scale = np.array([*network.size, *network.size], np.float32)
    return Listed(boxes[0][:, [1, 0, 3, 2]] * scale, scores[0], np.rint(ids[0]).astype(np.int64) - 1)


def ssd(outputs: Outputs, network: Network) -> tuple[str, ...] | None:
    """Scores [1, N, 1 + classes] that sum to 1, the background first, and corners [1, N, 4] as shares."""
    threes = {name: values for name, values in outputs.items() if values.ndim == 3 and values.shape[0] == 1}
    scores = [name for name, v in threes.items() if v.shape[2] == 1 + network.classes and sums_to_one(v)]
    boxes = [name for name, v in threes.items() if v.shape[2] == 4 and name not in scores and len(threes) == 2]
    if len(scores) != 1 or len(boxes) != 1 or threes[scores[0]].shape[1] != threes[boxes[0]].shape[1]:
        return None
    corners = threes[boxes[0]][0]
    return (scores[0], boxes[0]) if (corners[:, 2:] >= corners[:, :2]).mean() > 0.99 and corners.max() < 4 else None


def decode_ssd(scores: Floats, boxes: Floats, network: Network) -> Dense:
    return Dense(boxes[0] * np.array([*network.size, *network.size], np.float32), scores[0][:, 1:])


def torchvision(outputs: Outputs, network: Network) -> tuple[str, ...] | None:
    """Corners [N, 4] in pixels, scores [N], whole class ids [N] from 1; N is what was found, so it may be 0."""
    if len(outputs) < 3:
        return None
    boxes = [name for name, values in outputs.items() if values.ndim == 2 and values.shape[1] == 4]
    ids = [name for name, values in outputs.items() if values.ndim == 1 and np.issubdtype(values.dtype, np.integer)]
    scores = [name for name, values in outputs.items() if values.ndim == 1 and np.issubdtype(values.dtype, np.floating)]
    if not len(boxes) == len(ids) == len(scores) == 1:
        return None
    fits = not outputs[ids[0]].size or are_ids(outputs[ids[0]], network.classes, 1)
    return (boxes[0], scores[0], ids[0]) if fits else None


def decode_torchvision(boxes: Floats, scores: Floats, ids: "np.ndarray", network: Network) -> Listed:
    return Listed(boxes, scores, ids.astype(np.int64) - 1)


TENSORFLOW = Layout(
    "tensorflow",
    "SSD and others of TensorFlow: detection_boxes, detection_scores, detection_classes",
    tensorflow,
    decode_tensorflow,
    False,
    Usual((0, 0, 0), (1, 1, 1), "stretch"),
)
SSD = Layout(
    "ssd",
    "SSD of PyTorch: scores [1, N, 1 + classes] and corners [1, N, 4] as shares",
    ssd,
    decode_ssd,
    usual=Usual((127, 127, 127), (128, 128, 128), "stretch"),
)
TORCHVISION_LISTS = Layout(
    "torchvision-onnx",
    "torchvision's detectors as ONNX: boxes [N, 4], labels [N], scores [N]",
    torchvision,
    decode_torchvision,
    False,
)
LAYOUTS = (TENSORFLOW, SSD, TORCHVISION_LISTS)
