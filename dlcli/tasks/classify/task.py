"""`dlcli classify`: its options and how it is loaded. Light; predictor.py is heavy."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

from dlcli.data.kind_names import CLASSES
from dlcli.errors import UsageError
from dlcli.imaging.extensions import is_video
from dlcli.tasks.answers import Record
from dlcli.tasks.classify.network import ClassifierUse
from dlcli.tasks.classify.options import FOUND, ClassifyOptions
from dlcli.tasks.contract import Predictor, Task
from dlcli.tasks.memory import DRAWN, MemoryModel
from dlcli.tasks.network_use import NetworkUse
from dlcli.tasks.options import MODEL, RUNTIMES
from dlcli.tasks.outputs import image_name

if TYPE_CHECKING:
    from dlcli.records import Source


class ClassifyTask(Task):
    """A probability for every class."""

    name: ClassVar[str] = "classify"
    help: ClassVar[str] = (
        "Say what images show; sort them into folders.\n\nThe best classes of each image, with their probabilities."
    )
    examples: ClassVar[tuple[str, ...]] = (
        "dlcli classify photo.jpg --top 3",
        "dlcli classify photos -r --sort-into sorted --threshold 0.5",
        "dlcli classify photos -r --require 'score(espresso) > 0.5'",
    )
    options: ClassVar[type] = ClassifyOptions
    saves: ClassVar[tuple[str, ...]] = ("annotated",)
    kind: ClassVar[str | None] = CLASSES
    eval_options: ClassVar[str] = "dlcli.tasks.classify.eval_options:EvalClassify"
    exporter: ClassVar[str] = "dlcli.export.exporters:export_classifier"
    reduces: ClassVar[bool] = True
    noun: ClassVar[str] = "label"
    network: ClassVar[NetworkUse | None] = ClassifierUse()
    called_elsewhere: ClassVar[Mapping[str, str]] = {"label": "classify"}
    compared_by: ClassVar[str] = "dlcli.evaluation.diff.class_lists"
    memory = MemoryModel(worker_input=224 * 224, predict=0.2, saves={"annotated": DRAWN})
    ranked: ClassVar[bool] = True
    image_result: ClassVar[str] = "dlcli.tasks.classify.image_result:ClassifyResult"
    python_panels: ClassVar[tuple[str, ...] | None] = (MODEL, FOUND, RUNTIMES)
    columns: ClassVar[tuple[str, ...]] = ("rank", "label", "class_id", "score", "sorted_to")

    def check(self, options: ClassifyOptions) -> None:
        if options.classes and options.exclude_classes:
            raise UsageError("--classes and --exclude-classes do not go together: name what to look for, or what not")
        if options.link and options.move:
            raise UsageError("--link and --move do not go together: a link leaves the original where it is")
        for name in ("link", "move"):
            if getattr(options, name) and options.sort_into is None:
                raise UsageError(f"--{name}: needs --sort-into DIR, the folder to sort into")

    def check_inputs(
        self, options: ClassifyOptions, batch: Any, inputs: list[str], sources: Sequence["Source"]
    ) -> None:
        if options.sort_into is not None:
            from dlcli.tasks.classify.sort import refuse_places

            if options.move and batch.resume:
                raise UsageError("--move and --resume do not go together: what was moved is done; leave out --resume")
            if any(map(is_video, sources)):
                raise UsageError("--sort-into takes images, not the frames of a video")
            if any(source.crop for source in sources):
                raise UsageError(
                    "--sort-into takes whole files, not the boxes of --from-jsonl: "
                    "write them by dlcli detect --save crops, and classify that folder"
                )
            refuse_places(options, batch.out, inputs if batch.recursive else [], sources)

    def load(self, options: ClassifyOptions, threads: int, workers: int) -> Predictor:
        from dlcli.tasks.classify.predictor import load

        return load(options, threads, workers)

    def schema(self) -> dict[str, Any]:
        return {
            "required": ["classes"],
            "properties": {
                "classes": {"type": "array", "description": "best first", "items": _CLASS},
                "sorted_to": {"type": "string", "description": "where --sort-into has put the image"},
            },
        }

    def cells(self, record: Record) -> dict[str, Any]:
        return {"sorted_to": record["sorted_to"]} if "sorted_to" in record else {}

    def rows(self, record: Record) -> list[dict[str, Any]]:
        return [{"rank": rank} | row for rank, row in enumerate(super().rows(record), 1)]

    def output_names(self, place: PurePosixPath, saves: tuple[str, ...]) -> list[PurePosixPath]:
        return [image_name(place) for _ in saves]


_CLASS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["label", "class_id", "score"],
    "properties": {
        "label": {"type": "string"},
        "class_id": {"type": "integer", "minimum": 0},
        "score": {"description": "among all classes of the model", "type": "number", "minimum": 0, "maximum": 1},
        "chosen_share": {
            "description": "of the probability of all that --classes or --exclude-classes leaves",
            "type": "number",
            "minimum": 0,
            "maximum": 1,
        },
    },
}

TASK = ClassifyTask()
