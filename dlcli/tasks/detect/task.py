"""`dlcli detect`: its options and how it is loaded. Light; predictor.py is heavy."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

from dlcli.data.kind_names import BOXES
from dlcli.errors import UsageError
from dlcli.tasks.answers import Record
from dlcli.tasks.contract import Predictor, Task
from dlcli.tasks.detect.network import DetectorUse
from dlcli.tasks.detect.options import FOUND, TILES, DetectOptions
from dlcli.tasks.memory import DRAWN, MemoryModel
from dlcli.tasks.network_use import NetworkUse
from dlcli.tasks.options import MODEL, RUNTIMES
from dlcli.tasks.outputs import ANNOTATION_NAMES, CLASSES, COCO, Naming, folder_below, image_name, redacted_name
from dlcli.tasks.redaction import HELP as REDACTION_HELP
from dlcli.tasks.redaction import REDACTED, check_redaction
from dlcli.tasks.redaction import SCHEMA as REDACTION

if TYPE_CHECKING:
    from dlcli.records import Source

SAVES_HELP = (
    "--save yolo writes labels/TREE/NAME.txt with the score at the end of each line, and classes.txt; voc writes "
    "Annotations/TREE/NAME.xml, boxes on whole pixels; labelme writes labelme/TREE/NAME.json, which belongs beside its "
    "image; coco writes coco.json, where an image's id is its place in the run, from 1, and a category's id is one "
    "more than its class_id."
)


class DetectTask(Task):
    """Boxes around things, with a label and a score each."""

    name: ClassVar[str] = "detect"
    help: ClassVar[str] = f"Find objects: a box, a label and a score for each.\n\n{SAVES_HELP}\n\n{REDACTION_HELP}"
    examples: ClassVar[tuple[str, ...]] = (
        "dlcli detect photo.jpg",
        "dlcli detect photos -r --out found --save annotated,crops",
        "dlcli detect photos -r --out public --save redacted --redact person,car --conf 0.1",
        "dlcli detect photos -r --fail-if 'count(dog) > 0' --report junit=report.xml",
    )
    options: ClassVar[type] = DetectOptions
    saves: ClassVar[tuple[str, ...]] = ("annotated", "crops", "redacted", "yolo", "voc", "labelme", "coco")
    kind: ClassVar[str | None] = BOXES
    eval_options: ClassVar[str] = "dlcli.tasks.detect.eval_options:EvalDetect"
    exporter: ClassVar[str] = "dlcli.export.exporters:export_detector"
    reduces: ClassVar[bool] = True
    noun: ClassVar[str] = "object"
    network: ClassVar[NetworkUse | None] = DetectorUse()
    called_elsewhere: ClassVar[Mapping[str, str]] = {"predict": "detect", "infer": "detect"}
    parts: ClassVar[bool] = True
    image_result: ClassVar[str] = "dlcli.tasks.detect.image_result:DetectResult"
    python_panels: ClassVar[tuple[str, ...] | None] = (MODEL, FOUND, TILES, RUNTIMES)
    compared_by: ClassVar[str] = "dlcli.evaluation.diff.boxes"
    memory = MemoryModel(
        worker=24 << 20,
        worker_input=320 * 320,
        predict=0.2,
        saves={"annotated": DRAWN, "redacted": DRAWN, "crops": 6, "yolo": 0, "voc": 0, "labelme": 0, "coco": 0},
    )
    columns: ClassVar[tuple[str, ...]] = ("label", "class_id", "score", "x1", "y1", "x2", "y2")

    def check(self, options: DetectOptions) -> None:
        if options.classes and options.exclude_classes:
            raise UsageError("--classes and --exclude-classes do not go together: name what to look for, or what not")
        tiles = DetectOptions.tile_size, DetectOptions.tile_overlap
        if not options.tile and (options.tile_size, options.tile_overlap) != tiles:
            raise UsageError("--tile-size and --tile-overlap: say how --tile works; add --tile")

    def check_inputs(self, options: DetectOptions, batch: Any, inputs: list[str], sources: Sequence["Source"]) -> None:
        check_redaction(options, batch)

    def load(self, options: DetectOptions, threads: int, workers: int) -> Predictor:
        from dlcli.tasks.detect.predictor import load

        return load(options, threads, workers)

    def schema(self) -> dict[str, Any]:
        return {
            "required": ["detections", "truncated"],
            "properties": {
                "detections": {"type": "array", "items": _DETECTION},
                "truncated": {"type": "boolean", "description": "--max-det cut the list"},
                REDACTED: REDACTION,
            },
        }

    def output_names(self, place: PurePosixPath, saves: tuple[str, ...]) -> list[PurePosixPath]:
        return [_NAMES[save](place) for save in saves if save in _NAMES]

    def rows(self, record: Record) -> list[dict[str, Any]]:
        boxes = [dict(zip(("x1", "y1", "x2", "y2"), item["box"], strict=True)) for item in record["detections"]]
        return [row | box for row, box in zip(super().rows(record), boxes, strict=True)]

    def run_names(self, saves: tuple[str, ...]) -> list[PurePosixPath]:
        """The class names of YOLO's numbers, and COCO's one file."""
        return [name for save, name in (("yolo", CLASSES), ("coco", COCO)) if save in saves]


_NAMES: dict[str, Naming] = {  # the name of an image's file, or folder of files, by the word for --save
    "annotated": image_name,
    "redacted": redacted_name,
    "crops": partial(folder_below, "crops"),
    **ANNOTATION_NAMES,
}
_DETECTION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["label", "class_id", "score", "box"],
    "properties": {
        "label": {"type": "string"},
        "class_id": {"type": "integer", "minimum": 0},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "box": {
            "description": "x1, y1, x2, y2 in pixels of the upright image, x2 and y2 exclusive",
            "type": "array",
            "items": {"type": "number", "minimum": 0},
            "minItems": 4,
            "maxItems": 4,
        },
    },
}

TASK = DetectTask()
