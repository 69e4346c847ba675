"""How `dlcli classify` uses a network: one number for each class."""

from typing import TYPE_CHECKING, Any, ClassVar

from dlcli.frozen import dataclass
from dlcli.tasks.network_use import NetworkUse, Shape

if TYPE_CHECKING:
    from dlcli.card import ModelCard
    from dlcli.models.importing import ImportRequest, ProbedModel


@dataclass(frozen=True)
class ClassifierUse(NetworkUse):
    build: str = "dlcli.nets.build_classifier:build_classifier"
    resize: ClassVar[str] = "crop"
    ultralytics: ClassVar[str] = "classify"
    torchvision: ClassVar[str] = "classification"

    def shapes(self, card: "ModelCard") -> tuple[Shape, ...]:
        return ((1, len(card.labels)),)

    def decoding(self, wanted: "ImportRequest", seen: "ProbedModel") -> dict[str, Any]:
        from dlcli.models.importing import output_that_counts, refuse_output

        classes, (name, values) = len(wanted.labels), output_that_counts(wanted, seen)
        if values.shape != (1, classes):
            raise refuse_output(wanted, name, values.shape, f"[1, {classes}] for {classes} labels")
        return {"output": name, "scores": wanted.scores}
