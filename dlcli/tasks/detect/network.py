"""How `dlcli detect` uses a network: anchors of our own, a layout of others, or boxes decoded by torchvision."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from dlcli.frozen import dataclass
from dlcli.models.decodings import TORCHVISION, YOLO_V8
from dlcli.tasks.network_use import NetworkUse, Shape

if TYPE_CHECKING:
    from dlcli.card import ModelCard
    from dlcli.models.importing import ImportRequest, ProbedModel


@dataclass(frozen=True)
class DetectorUse(NetworkUse):
    build: str = "dlcli.nets.factory:build_detector"
    resize: ClassVar[str] = "letterbox"
    ultralytics: ClassVar[str] = "detect"
    torchvision: ClassVar[str] = "detection"

    def shapes(self, card: "ModelCard") -> tuple[Shape, ...]:
        kind, classes = card.decoding.get("kind"), len(card.labels)
        if kind == TORCHVISION or "outputs" in card.decoding:
            return ()
        if kind is not None:
            return ((1, _rows(kind, classes), None),)
        from dlcli.ops.anchors import AnchorGrid

        count = AnchorGrid.from_decoding(*card.input, card.decoding).count
        return ((1, count, classes), (1, count, 4))

    def own_limits(self, options: Any) -> tuple[float, float]:
        return options.conf, options.iou

    def decoding(self, wanted: "ImportRequest", seen: "ProbedModel") -> dict[str, Any]:
        from dlcli.tasks.detect.layouts.layout import Network
        from dlcli.tasks.detect.layouts.table import find_layout

        network = Network(seen.input, len(wanted.labels))
        layout, names = find_layout(wanted, seen.outputs, network)
        return (
            {"outputs": list(names), "kind": layout.name}
            if layout.decode
            else {"output": names[0], "kind": layout.name}
        )

    def usual_input(self, decoding: Mapping[str, Any]) -> dict[str, Any]:
        from dlcli.tasks.detect.layouts.table import BY_NAME

        usual = BY_NAME[decoding["kind"]].usual
        return {"mean": usual.mean, "std": usual.std, "resize": usual.resize, "channels": usual.channels}


def _rows(kind: str, classes: int) -> int:
    """Numbers that a YOLO network gives for each of its N boxes."""
    return classes + (4 if kind == YOLO_V8 else 5)
