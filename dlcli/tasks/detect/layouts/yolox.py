"""YOLOX (arXiv:2107.08430): [1, cells, 5 + classes], boxes relative to their cell unless the export decoded them."""

import numpy as np

from dlcli.ops.boxes import Floats, cxcywh_to_xyxy
from dlcli.tasks.detect.layouts.cells import cells, strides_of
from dlcli.tasks.detect.layouts.layout import Dense, Layout, Network, Outputs, Usual, are_scores, only

PIXELS = Usual((0, 0, 0), (1, 1, 1), channels="bgr")  # from 0 to 255
FAR = 16.0  # a center that many cells away from its own is none; where boxes are decoded, most lie farther


def names(outputs: Outputs, network: Network) -> tuple[str, ...] | None:
    found = only(outputs, 1, None, 5 + network.classes)
    if found is None:
        return None
    rows = outputs[found[0]][0]
    if strides_of(len(rows), network.size) is None or not are_scores(rows[:, 4:]):
        return None
    return found if is_relative(rows) else None


def is_relative(rows: Floats) -> bool:
    """Whether boxes are as the network predicts them: centers in cells from their own, sides as logarithms."""
    return bool((np.abs(rows[:, :2]) < FAR).mean() > 0.95)


def decode(rows: Floats, network: Network) -> Dense:
    """rows: float32 [1, cells, 5 + classes]: center, log of the size, objectness, then a score a class."""
    rows = rows[0]
    places, strides = cells(network.size, strides_of(len(rows), network.size) or (8, 16, 32))
    centers, sizes = (rows[:, :2] + places) * strides, np.exp(np.minimum(rows[:, 2:4], 20)) * strides
    return Dense(cxcywh_to_xyxy(np.concatenate([centers, sizes], 1)), rows[:, 4:5] * rows[:, 5:])


YOLOX = Layout("yolox", "YOLOX: [1, cells, 5 + classes], not decoded", names, decode, usual=PIXELS)
