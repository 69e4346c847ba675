"""A sixth task as a stranger would write it: how bright an image is. One folder, one file, nothing edited elsewhere."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar

from dlcli.tasks.contract import Output, Predictor, Result, Task
from dlcli.tasks.options import option


@dataclass(frozen=True)
class BrightnessOptions:
    limit: Annotated[float, option("At least this mean is bright.", min=0, max=1)] = 0.5


@dataclass(frozen=True)
class Brightness(Result):
    mean: float
    label: str

    @property
    def score(self) -> float:
        """How sure the label is."""
        return self.mean if self.label == "bright" else 1 - self.mean

    def fields(self) -> dict[str, Any]:
        return {"classes": [{"label": self.label, "class_id": 0, "score": round(self.score, 4)}]}

    def outputs(self, image: Any, place: PurePosixPath, saves: tuple[str, ...]) -> Iterator[Output]:
        if "text" in saves:
            yield place.with_name(f"{place.name}.txt"), f"{self.mean:.4f}\n".encode()


class BrightnessPredictor(Predictor):
    def __init__(self, limit: float):
        self.limit = limit

    def predict(self, pixels: Any, placement: Any) -> Brightness:
        mean = float(pixels.mean() / 255)
        return Brightness(mean, "bright" if mean >= self.limit else "dark")


class BrightnessTask(Task):
    name: ClassVar[str] = "brightness"
    help: ClassVar[str] = "Say how bright images are."
    options: ClassVar[type] = BrightnessOptions
    saves: ClassVar[tuple[str, ...]] = ("text",)
    noun: ClassVar[str] = "verdict"

    def load(self, options: BrightnessOptions, threads: int, workers: int) -> BrightnessPredictor:
        return BrightnessPredictor(options.limit)

    def schema(self) -> dict[str, Any]:
        score = {"type": "number", "minimum": 0, "maximum": 1}
        item = {"label": {"type": "string"}, "class_id": {"type": "integer"}, "score": score}
        return {"required": ["classes"], "properties": {"classes": {"type": "array", "items": {"properties": item}}}}

    def output_names(self, place: PurePosixPath, saves: tuple[str, ...]) -> list[PurePosixPath]:
        return [place.with_name(f"{place.name}.txt")] if "text" in saves else []


TASK = BrightnessTask()
