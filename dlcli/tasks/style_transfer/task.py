"""`dlcli style-transfer`: its options and how it is loaded. Light; predictor.py and optimize.py are heavy."""

from collections import Counter
from pathlib import PurePosixPath
from typing import Any, ClassVar

from dlcli.errors import UsageError
from dlcli.tasks.answers import SHARE, Prediction, Record
from dlcli.tasks.contract import Predictor, Task
from dlcli.tasks.network_use import NetworkUse
from dlcli.tasks.options import MODEL, RUNTIMES
from dlcli.tasks.outputs import folder_below, image_name
from dlcli.tasks.style_transfer.memory import StyleMemory
from dlcli.tasks.style_transfer.names import plot_name
from dlcli.tasks.style_transfer.network import PainterUse
from dlcli.tasks.style_transfer.options import (
    LARGEST_FAST,
    LOOK,
    RECORDED,
    SLOW,
    SMALLEST_SIZE,
    Method,
    StyleOptions,
    _only_slow,
    bundled_styles,
    shares,
)
from dlcli.tasks.style_transfer.summary import StyleSummary


class StyleTask(Task):
    """Images in the style of others."""

    name: ClassVar[str] = "style-transfer"
    help: ClassVar[str] = "Repaint images in the style of others."
    examples: ClassVar[tuple[str, ...]] = (
        "dlcli style-transfer photo.jpg --style starry-night --out styled",
        "dlcli style-transfer photos -r --style great-wave --style shipwreck --blend 0.7,0.3 --out styled",
    )
    options: ClassVar[type] = StyleOptions
    saves: ClassVar[tuple[str, ...]] = ("image",)
    exporter: ClassVar[str] = "dlcli.export.style:export_style"
    noun: ClassVar[str] = "stylized image"
    network: ClassVar[NetworkUse | None] = PainterUse()
    memory = StyleMemory()
    found_noun: ClassVar[str] = "style"
    column_title: ClassVar[str] = "style"
    value_name: ClassVar[str] = SHARE
    makes_images: ClassVar[bool] = True
    image_result: ClassVar[str] = "dlcli.tasks.style_transfer.image_result:StyleResult"
    python_panels: ClassVar[tuple[str, ...] | None] = (MODEL, LOOK, SLOW, RUNTIMES)
    columns: ClassVar[tuple[str, ...]] = ("method", "styles", "output")
    needs_out: ClassVar[bool] = True

    def __init__(self, steps: bool = False, plot: bool = False):
        """steps: images on the way are written too. plot: the losses are drawn."""
        self.steps, self.plot = steps, plot

    def for_options(self, options: StyleOptions, pre: str | None) -> "StyleTask":
        return StyleTask(bool(options.save_every), bool(options.plot))

    def named_values(self) -> dict[str, tuple[str, ...]]:
        return {"style": tuple(bundled_styles())}

    def check(self, options: StyleOptions) -> None:
        if not options.style:
            raise UsageError("--style: say which; bundled are " + ", ".join(bundled_styles()))
        if 0 < options.size < SMALLEST_SIZE:
            raise UsageError(f"--size {options.size}: expected at least {SMALLEST_SIZE} pixels")
        if options.method is Method.FAST and options.size > LARGEST_FAST:
            raise UsageError(
                f"--size {options.size}: --method fast paints at {LARGEST_FAST} pixels at most, which takes 3 GB; a "
                "larger image is painted smaller and enlarged again"
            )
        if options.method is Method.FAST and (given := _only_slow(options)):
            raise UsageError(f"{given}: only --method optimize can do that; add it, or leave {given} out")
        shares(options)

    def load(self, options: StyleOptions, threads: int, workers: int) -> Predictor:
        if options.method is Method.OPTIMIZE:
            from dlcli.tasks.style_transfer.optimize import load_optimizer

            return load_optimizer(options, threads * workers)
        from dlcli.tasks.style_transfer.predictor import load_painter

        return load_painter(options, threads, workers)

    def schema(self) -> dict[str, Any]:
        return {"required": ["method", "styles", "outputs"], "properties": _PROPERTIES}

    def predictions(self, record: Record) -> list[Prediction]:
        return [Prediction(item["style"], value=item["share"], is_share=True) for item in record.get("styles", ())]

    def tally(self, record: Record) -> Counter[str]:
        return Counter([" + ".join(item["style"] for item in record["styles"])])

    def summary(self) -> StyleSummary:
        return StyleSummary(self.noun, self.tally)

    def cells(self, record: Record) -> dict[str, Any]:
        mixture = " + ".join(f"{item['style']} {item['share']}" for item in record["styles"])
        return {"method": record["method"], "styles": mixture}

    def rows(self, record: Record) -> list[dict[str, Any]]:
        return [{"output": name} for name in record["outputs"]]

    def output_names(self, place: PurePosixPath, saves: tuple[str, ...]) -> list[PurePosixPath]:
        steps = [folder_below("steps", place)] if self.steps else []
        plot = [plot_name(place)] if self.plot else []
        return [image_name(place), *steps, *plot] if saves else []


_LOSS = {"type": "number", "minimum": 0}
_PROPERTIES = {
    "outputs": {"type": "array", "items": {"type": "string"}, "description": "files below --out"},
    "method": {"enum": [RECORDED.get(method, method.value) for method in Method]},
    "styles": {
        "type": "array",
        "minItems": 1,
        "items": {
            "type": "object",
            "additionalProperties": False,
            "required": ["style", "share"],
            "properties": {"style": {"type": "string"}, "share": {"type": "number", "minimum": 0, "maximum": 1}},
        },
    },
    "losses": {
        "description": "the three losses of --method optimize at the end, before their weights",
        "type": "object",
        "additionalProperties": False,
        "required": ["content", "style", "variation"],
        "properties": {"content": _LOSS, "style": _LOSS, "variation": _LOSS},
    },
}

TASK = StyleTask()
