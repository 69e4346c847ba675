"""What turns a network's outputs into boxes, by the decoding that its card tells."""

from collections.abc import Callable
from typing import Any

import numpy as np

from dlcli.card import ModelCard
from dlcli.errors import DataError
from dlcli.models.decodings import BOX_KINDS, TORCHVISION
from dlcli.ops.anchors import grid_of
from dlcli.ops.calibration import calibration_of
from dlcli.records import Boxes
from dlcli.tasks.detect.decode import decode
from dlcli.tasks.detect.layouts.layout import Layout, Network, chosen
from dlcli.tasks.detect.layouts.table import BY_NAME
from dlcli.tasks.detect.yolo import decode_yolo

# (what the network gave, bool [classes] or None: those asked for, conf, iou) -> boxes in pixels of its input
Decoder = Callable[[Any, "np.ndarray | None", float, float], Boxes]


def decoder_of(card: ModelCard) -> Decoder:
    """The decoder for a card's "kind", that of dlcli's own anchors where it has none. DataError: there is none."""
    kind = card.decoding.get("kind")
    if kind is None:
        return _anchor_decoder(card)
    if kind in BOX_KINDS:
        return lambda output, class_ids, conf, iou: decode_yolo(output, kind, len(card.labels), class_ids, conf, iou)
    if kind == TORCHVISION:
        return _as_found
    if "outputs" in card.decoding and kind in BY_NAME:
        return _layout_decoder(card, BY_NAME[kind])
    known = ", ".join(BY_NAME)
    raise DataError(f"{card.name}: expected a decoding of kind {known}, got {kind}; import it again by this dlcli")


def _anchor_decoder(card: ModelCard) -> Decoder:
    grid = grid_of(card)
    try:
        calibration = calibration_of(card.decoding)
    except ValueError as error:
        raise DataError(f"{card.name}: its card has an unusable {error}; export the model again") from error

    def decoded(found: Any, class_ids: "np.ndarray | None", conf: float, iou: float) -> Boxes:
        logits, offsets = found
        if class_ids is not None:
            logits = np.where(class_ids, logits, -np.inf)
        return decode(logits, offsets, grid, conf, iou, calibration)

    return decoded


def _layout_decoder(card: ModelCard, layout: Layout) -> Decoder:
    network = Network(card.input, len(card.labels))

    def decoded(found: Any, class_ids: "np.ndarray | None", conf: float, iou: float) -> Boxes:
        assert layout.decode is not None
        try:
            boxes = layout.decode(*found, network)
        except (IndexError, ValueError, TypeError) as error:  # outputs of other shapes than when it was imported
            shapes = ", ".join(str(list(values.shape)) for values in found)
            raise DataError(
                f"{card.name}: expected outputs of {layout.means}, got {shapes}; import it again"
            ) from error
        return chosen(boxes, network.classes, class_ids, conf, iou, layout.overlaps)

    return decoded


def _as_found(found: Any, class_ids: "np.ndarray | None", conf: float, iou: float) -> Boxes:
    """Boxes that the network has chosen itself, by the same `conf` and `iou`."""
    xyxy, scores, ids = found
    kept = scores >= conf if class_ids is None else (scores >= conf) & class_ids[ids]
    kept = np.flatnonzero(kept)
    order = kept[np.argsort(-scores[kept], kind="stable")]
    return Boxes(xyxy[order].astype(np.float32), scores[order].astype(np.float32), ids[order].astype(np.int64))


def takes_images_whole(card: ModelCard) -> bool:
    """Whether the network resizes images itself."""
    return card.decoding.get("kind") == TORCHVISION
