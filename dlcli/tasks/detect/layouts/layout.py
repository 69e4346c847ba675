"""What a layout of outputs is: how it is recognized, and what its numbers mean."""

from collections.abc import Callable, Mapping

import numpy as np

from dlcli.errors import DataError
from dlcli.frozen import dataclass
from dlcli.ops.boxes import Floats
from dlcli.ops.nms import nms_per_class
from dlcli.records import Boxes
from dlcli.tasks.detect.decode import MAX_CANDIDATES

Outputs = Mapping[str, "np.ndarray"]  # by name, in the network's order, each as the network gives it
ROUNDING = 1e-3  # by which a score may lie outside 0 to 1


@dataclass(frozen=True)
class Network:
    """size: (width, height) of its input in pixels. classes: how many labels it has."""

    size: tuple[int, int]
    classes: int


@dataclass(frozen=True)
class Dense:
    """A score for every box and class.

    xyxy: float32 [N, 4], pixels of the input. scores: float32 [N, classes], 0 to 1.
    """

    xyxy: Floats
    scores: Floats


@dataclass(frozen=True)
class Listed:
    """One class a box. xyxy as in Dense. scores: float32 [N]. class_ids: int64 [N], from 0; others are left out."""

    xyxy: Floats
    scores: Floats
    class_ids: "np.ndarray"


Three = tuple[float, float, float]


@dataclass(frozen=True)
class Usual:
    """How networks of a layout usually take images; mean, std and resize as in a card, channels: "rgb" or "bgr"."""

    mean: Three
    std: Three
    resize: str = "letterbox"
    channels: str = "rgb"


SHARES = Usual((0, 0, 0), (255, 255, 255))  # pixels from 0 to 1
IMAGENET = Usual((123.675, 116.28, 103.53), (58.395, 57.12, 57.375), "stretch")


@dataclass(frozen=True)
class Layout:
    """name: for --decode and the card. means: of which networks, and what they give, for help and refusals.

    names: the outputs that count, in the order that `decode` takes them, of a network that was tried once; None where
    the outputs are not of this layout. decode: from those outputs and the Network; None: see tasks/detect/yolo.py.
    overlaps: whether NMS is still to be done.
    """

    name: str
    means: str
    names: Callable[[Outputs, Network], "tuple[str, ...] | None"]
    decode: Callable[..., Dense | Listed] | None
    overlaps: bool = True
    usual: Usual = SHARES


def chosen(
    found: Dense | Listed, classes: int, class_ids: "np.ndarray | None", conf: float, iou: float, overlaps: bool
) -> Boxes:
    """Boxes with a score of at least `conf`, best first; overlaps above `iou` go by NMS per class.

    class_ids: bool [classes], which are asked for; None: all. A box may be several classes.
    DataError: scores or boxes that are none.
    """
    if isinstance(found, Dense):
        rows, ids = np.nonzero(~(found.scores < conf))  # NaN too
        scores = found.scores[rows, ids]
    else:
        rows = np.flatnonzero(~(found.scores < conf) & (found.class_ids >= 0) & (found.class_ids < classes))
        ids, scores = found.class_ids[rows], found.scores[rows]
    if class_ids is not None:
        asked = class_ids[ids]
        rows, ids, scores = rows[asked], ids[asked], scores[asked]
    if not (scores <= 1 + ROUNDING).all() or not np.isfinite(found.xyxy[rows]).all():
        raise DataError(
            "the network's scores: expected numbers of 0 to 1 and finite boxes, got others; import it again with the "
            "right --decode, --mean and --std"
        )
    best = np.argsort(-scores, kind="stable")[:MAX_CANDIDATES]
    boxes = Boxes(
        found.xyxy[rows[best]].astype(np.float32),
        np.clip(scores[best], 0, 1).astype(np.float32),
        ids[best].astype(np.int64),
    )
    return nms_per_class(boxes, iou) if overlaps else boxes


def only(outputs: Outputs, *shape: int | None) -> "tuple[str, ...] | None":
    """The name of the first output if it is of this shape, None for any size, and holds floats."""
    name, values = next(iter(outputs.items()))
    same = values.ndim == len(shape) and all(w in (None, s) for w, s in zip(shape, values.shape, strict=True))
    return (name,) if same and np.issubdtype(values.dtype, np.floating) else None


def are_scores(values: "np.ndarray") -> bool:
    """Whether all numbers lie in 0 to 1."""
    return bool(values.size) and bool((values >= -ROUNDING).all() and (values <= 1 + ROUNDING).all())


def sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-values.astype(np.float32))), np.float32)


def softmax(values: Floats) -> Floats:
    """Over the last axis."""
    lifted = np.exp(values - values.max(-1, keepdims=True))
    return np.asarray(lifted / lifted.sum(-1, keepdims=True), np.float32)
