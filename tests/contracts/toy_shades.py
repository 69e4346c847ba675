"""A task that has a kind of labels: bright and dark as two classes, which labeled folders can be scored by."""

from dataclasses import dataclass
from typing import Any, ClassVar

from dlcli.data.kind_names import CLASSES
from dlcli.tasks.contract import Predictor, Result, Task


@dataclass(frozen=True)
class ShadesOptions:
    pass


@dataclass(frozen=True)
class Shade(Result):
    label: str

    def fields(self) -> dict[str, Any]:
        return {"classes": [{"label": self.label, "class_id": 0, "score": 1.0}]}


class ShadesPredictor(Predictor):
    model, pre = "shades", ""
    labels = ("bright", "dark")
    aliases: ClassVar[dict[str, str]] = {"night": "dark"}

    def predict(self, pixels: Any, placement: Any) -> Shade:
        return Shade(self.labels[int(self.answer(pixels, placement).argmax())])

    def answer(self, pixels: Any, placement: Any) -> Any:
        import numpy as np

        mean = float(pixels.mean() / 255)
        return np.array([mean, 1 - mean])


class ShadesTask(Task):
    name: ClassVar[str] = "shades"
    help: ClassVar[str] = "Say whether images are bright or dark."
    options: ClassVar[type] = ShadesOptions
    saves: ClassVar[tuple[str, ...]] = ("text",)
    kind: ClassVar[str | None] = CLASSES

    def load(self, options: ShadesOptions, threads: int, workers: int) -> ShadesPredictor:
        return ShadesPredictor()

    def schema(self) -> dict[str, Any]:
        return {"required": ["classes"], "properties": {"classes": {"type": "array"}}}

    def output_names(self, place: Any, saves: tuple[str, ...]) -> list[Any]:
        return []


TASK = ShadesTask()
