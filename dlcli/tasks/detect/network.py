"""How `dlcli detect` uses a network: anchors of our own, YOLO's rows, or boxes that torchvision's have decoded."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from dlcli.models.decodings import TORCHVISION, YOLO_V5, YOLO_V8
from dlcli.tasks.network_use import NetworkUse, Shape

if TYPE_CHECKING:
    from dlcli.card import ModelCard
    from dlcli.models.importing import ImportRequest, ProbedModel


@dataclass(frozen=True)
class DetectorUse(NetworkUse):
    build: str = "dlcli.nets.factory:build_detector"
    forward: str = "dlcli.nets.factory:torch_forward"
    resize: ClassVar[str] = "letterbox"
    torchvision: ClassVar[str] = "detection"

    def shapes(self, card: "ModelCard") -> tuple[Shape, ...]:
        kind, classes = card.decoding.get("kind"), len(card.labels)
        if kind == TORCHVISION:
            return ()
        if kind is not None:
            return ((1, _rows(kind, classes), None),)
        from dlcli.ops.anchors import AnchorGrid

        count = AnchorGrid.from_decoding(*card.input, card.decoding).count
        return ((1, count, classes), (1, count, 4))

    def own_limits(self, options: Any) -> tuple[float, float]:
        return options.conf, options.iou

    def decoding(self, wanted: "ImportRequest", seen: "ProbedModel") -> dict[str, Any]:
        from dlcli.models.importing import refuse_output

        classes, shape = len(wanted.labels), seen.shape
        found = [kind for kind in (YOLO_V8, YOLO_V5) if len(shape) == 3 and _rows(kind, classes) in shape[1:]]
        if not (wanted.decoding in found if wanted.decoding else found):
            raise refuse_output(
                wanted, seen, f"[1, {4 + classes}, N] (yolov8) or [1, N, {5 + classes}] (yolov5) for {classes} labels"
            )
        return {"kind": wanted.decoding or found[0]}


def _rows(kind: str, classes: int) -> int:
    """Numbers that a YOLO network gives for each of its N boxes."""
    return classes + (4 if kind == YOLO_V8 else 5)
