"""`dlcli segment`: its options and how it is loaded. Light; predictor.py is heavy."""

from collections.abc import Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar

from dlcli.data.kind_names import MASKS
from dlcli.errors import UsageError
from dlcli.tasks.answers import SHARE
from dlcli.tasks.contract import Predictor, Task
from dlcli.tasks.memory import DRAWN
from dlcli.tasks.network_use import NetworkUse
from dlcli.tasks.options import MODEL, RUNTIMES
from dlcli.tasks.outputs import ANNOTATION_NAMES, CLASSES, COCO, Naming, folder_below, redacted_name
from dlcli.tasks.redaction import HELP as REDACTION_HELP
from dlcli.tasks.redaction import REDACTED, check_redaction
from dlcli.tasks.redaction import SCHEMA as REDACTION
from dlcli.tasks.segment.memory import SegmentMemory
from dlcli.tasks.segment.names import LEGEND, index_name, overlay_name
from dlcli.tasks.segment.network import SegmenterUse
from dlcli.tasks.segment.options import FOUND, TILES, SegmentOptions

if TYPE_CHECKING:
    from dlcli.records import Source

SAVES_HELP = (
    "--save yolo writes labels/TREE/NAME.txt, a polygon for each piece of a class, and classes.txt, which leaves the "
    "background out; labelme writes labelme/TREE/NAME.json, which belongs beside its image; both follow the edges of "
    "pixels, and a hole is joined to its outline by a line of no width, which not every tool understands. coco writes "
    "coco.json with run lengths, where an image's id is its place in the run, from 1, and a category's id is its "
    "class_id, or one more where class 0 is not the background."
)


class SegmentTask(Task):
    """A class for every pixel."""

    name: ClassVar[str] = "segment"
    help: ClassVar[str] = f"Give every pixel a class: masks, overlays, cutouts.\n\n{SAVES_HELP}\n\n{REDACTION_HELP}"
    examples: ClassVar[tuple[str, ...]] = (
        "dlcli segment photo.jpg --out masks",
        "dlcli segment photo.jpg --classes person --out cut --save cutouts,overlay",
        "dlcli segment photos --out public --save redacted --redact person --redact-style box",
        "dlcli segment aerial.tif --tile --out masks",
    )
    options: ClassVar[type] = SegmentOptions
    saves: ClassVar[tuple[str, ...]] = ("index", "overlay", "masks", "cutouts", "redacted", "yolo", "labelme", "coco")
    kind: ClassVar[str | None] = MASKS
    eval_options: ClassVar[str] = "dlcli.tasks.segment.eval_options:EvalSegment"
    exporter: ClassVar[str] = "dlcli.export.exporters:export_segmenter"
    noun: ClassVar[str] = "class"
    network: ClassVar[NetworkUse | None] = SegmenterUse()
    parts: ClassVar[bool] = True
    image_result: ClassVar[str] = "dlcli.tasks.segment.image_result:SegmentResult"
    python_panels: ClassVar[tuple[str, ...] | None] = (MODEL, FOUND, TILES, RUNTIMES)
    compared_by: ClassVar[str] = "dlcli.evaluation.diff.regions"
    memory = SegmentMemory(
        worker=32 << 20,
        worker_input=320 * 320,
        predict=4.6,
        result=1,  # the mask
        saves={
            "index": 3,
            "overlay": DRAWN + 1,
            "redacted": 18,
            "masks": 11,
            "cutouts": 16,
            "yolo": 11.5,
            "labelme": 11.5,
            "coco": 3,
        },
        left={"overlay": 4},  # what was drawn
    )
    value_name: ClassVar[str] = SHARE
    columns: ClassVar[tuple[str, ...]] = ("label", "class_id", "share")

    def check(self, options: SegmentOptions) -> None:
        if options.classes and options.exclude_classes:
            raise UsageError("--classes and --exclude-classes do not go together: name what to keep, or what not")
        tiles = SegmentOptions.tile_size, SegmentOptions.tile_overlap, SegmentOptions.tile_merge
        if not options.tile and (options.tile_size, options.tile_overlap, options.tile_merge) != tiles:
            raise UsageError("--tile-size, --tile-overlap and --tile-merge: say how --tile works; add --tile")

    def check_inputs(self, options: SegmentOptions, batch: Any, inputs: list[str], sources: Sequence["Source"]) -> None:
        check_redaction(options, batch)

    def load(self, options: SegmentOptions, threads: int, workers: int) -> Predictor:
        from dlcli.tasks.segment.predictor import load

        return load(options, threads, workers)

    def schema(self) -> dict[str, Any]:
        return {
            "required": ["classes"],
            "properties": {"classes": {"type": "array", "items": _CLASS}, REDACTED: REDACTION},
        }

    def output_names(self, place: PurePosixPath, saves: tuple[str, ...]) -> list[PurePosixPath]:
        return [_NAMES[save](place) for save in saves if save in _NAMES]

    def run_names(self, saves: tuple[str, ...]) -> list[PurePosixPath]:
        """The legend of index masks' values and colors, the class names of YOLO's numbers, COCO's one file."""
        kinds = (("index", LEGEND), ("yolo", CLASSES), ("coco", COCO))
        return [name for save, name in kinds if save in saves]


_NAMES: dict[str, Naming] = {  # the name of an image's file, or folder of files, by the word for --save
    "index": index_name,
    "overlay": overlay_name,
    "redacted": redacted_name,
    "masks": partial(folder_below, "masks"),
    "cutouts": partial(folder_below, "cutouts"),
    **ANNOTATION_NAMES,
}
_CLASS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["label", "class_id", "share", "rle"],
    "properties": {
        "label": {"type": "string"},
        "class_id": {"description": "the value of its pixels in the index mask", "type": "integer", "minimum": 0},
        "share": {"description": "of the image's pixels", "type": "number", "minimum": 0, "maximum": 1},
        "rle": {
            "description": "COCO's run lengths of the upright image's pixels, column after column",
            "type": "object",
            "additionalProperties": False,
            "required": ["size", "counts"],
            "properties": {
                "size": {
                    "description": "height, width",
                    "type": "array",
                    "items": {"type": "integer", "minimum": 1},
                    "minItems": 2,
                    "maxItems": 2,
                },
                "counts": {"description": "in COCO's compressed form", "type": "string"},
            },
        },
    },
}

TASK = SegmentTask()
