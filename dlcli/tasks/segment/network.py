"""How `dlcli segment` uses a network: a number for each class at each place of a grid of any size."""

from typing import TYPE_CHECKING, Any, ClassVar

from dlcli.frozen import dataclass
from dlcli.tasks.network_use import NetworkUse, Shape

if TYPE_CHECKING:
    from dlcli.card import ModelCard
    from dlcli.models.importing import ImportRequest, ProbedModel

BACKGROUNDS = {"background", "__background__", "_background_"}  # names of a first class that stands for nothing


@dataclass(frozen=True)
class SegmenterUse(NetworkUse):
    build: str = "dlcli.nets.build_segmenter:build_segmenter"
    resize: ClassVar[str] = "stretch"
    torchvision: ClassVar[str] = "segmentation"

    def shapes(self, card: "ModelCard") -> tuple[Shape, ...]:
        return ((1, len(card.labels), None, None),)

    def decoding(self, wanted: "ImportRequest", seen: "ProbedModel") -> dict[str, Any]:
        from dlcli.models.importing import output_that_counts, refuse_output

        classes, (name, values) = len(wanted.labels), output_that_counts(wanted, seen)
        if values.ndim != 4 or values.shape[1] != classes:
            raise refuse_output(wanted, name, values.shape, f"[1, {classes}, h, w] for {classes} labels")
        return {"output": name, "background": 0 if wanted.labels[0].lower() in BACKGROUNDS else None}
