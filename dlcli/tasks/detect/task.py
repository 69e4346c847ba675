"""`dlcli detect`: its options and how it is loaded. Light; worker.py is heavy."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar

from dlcli.errors import UsageError
from dlcli.tasks.contract import Predictor, TaskDefaults
from dlcli.tasks.options import RUNTIMES, ModelOptions, option

FOUND = "What counts as found"
TILES = "Large pictures"
COCO, CLASSES = PurePosixPath("coco.json"), PurePosixPath("classes.txt")
SAVES_HELP = (
    "--save yolo writes labels/TREE/NAME.txt with the score at the end of each line, and classes.txt; voc writes "
    "Annotations/TREE/NAME.xml, boxes on whole pixels; labelme writes labelme/TREE/NAME.json, which belongs beside its "
    "picture; coco writes coco.json, where a picture's id is its place in the run, from 1, and a category's id is one "
    "more than its class_id."
)


@dataclass(frozen=True)
class DetectOptions(ModelOptions):
    """Options of `dlcli detect` beside those of every picture command."""

    model: Annotated[
        str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m", panel=RUNTIMES)
    ] = "voc"
    conf: Annotated[float, option("Keep boxes with at least this score.", panel=FOUND, min=0, max=1)] = 0.25
    iou: Annotated[
        float, option("Of two boxes of a class that overlap more, the better stays.", panel=FOUND, min=0, max=1)
    ] = 0.45
    classes: Annotated[str, option("Look only for these, by name or id: dog,cat.", panel=FOUND, metavar="LIST")] = ""
    exclude_classes: Annotated[str, option("Do not look for these.", panel=FOUND, metavar="LIST")] = ""
    max_det: Annotated[int, option("At most so many boxes a picture, the best ones.", panel=FOUND, min=1)] = 300
    tile: Annotated[
        bool, option("Also look at overlapping squares of the picture, for small things.", "--tile", panel=TILES)
    ] = False
    tile_size: Annotated[int, option("Side of a square in pixels.", panel=TILES, min=64)] = 640
    tile_overlap: Annotated[float, option("What neighbours share, of a side.", panel=TILES, min=0, max=0.9)] = 0.2


class DetectTask(TaskDefaults):
    """Boxes around things, with a label and a score each."""

    name: ClassVar[str] = "detect"
    help: ClassVar[str] = f"Find objects in pictures: a box, a label and a score for each.\n\n{SAVES_HELP}"
    options: ClassVar[type] = DetectOptions
    saves: ClassVar[tuple[str, ...]] = ("annotated", "crops", "yolo", "voc", "labelme", "coco")
    noun: ClassVar[str] = "object"

    def check(self, options: DetectOptions) -> None:
        if options.classes and options.exclude_classes:
            raise UsageError("--classes and --exclude-classes do not go together: name what to look for, or what not")
        tiles = DetectOptions.tile_size, DetectOptions.tile_overlap
        if not options.tile and (options.tile_size, options.tile_overlap) != tiles:
            raise UsageError("--tile-size and --tile-overlap: say how --tile works; add --tile")

    def load(self, options: DetectOptions, threads: int, workers: int) -> Predictor:
        from dlcli.tasks.detect.predictor import load

        return load(options, threads, workers)

    def schema(self) -> dict[str, Any]:
        return {
            "required": ["detections", "truncated"],
            "properties": {
                "detections": {"type": "array", "items": _DETECTION},
                "truncated": {"type": "boolean", "description": "--max-det cut the list"},
            },
        }

    def output_names(self, place: PurePosixPath, saves: tuple[str, ...]) -> list[PurePosixPath]:
        names = {"annotated": annotated_name(place), "crops": crops_folder(place), **annotation_names(place)}
        return [names[save] for save in saves if save in names]

    def run_names(self, saves: tuple[str, ...]) -> list[PurePosixPath]:
        """The class names of YOLO's numbers, and COCO's one file."""
        return [name for save, name in (("yolo", CLASSES), ("coco", COCO)) if save in saves]


def annotated_name(place: PurePosixPath) -> PurePosixPath:
    """The annotated picture keeps its name; formats that are not written become PNG."""
    written = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}
    return place if place.suffix.lower() in written else place.with_name(place.name + ".png")


def crops_folder(place: PurePosixPath) -> PurePosixPath:
    """crops/<tree>/<name>/ holds a file for each box."""
    return PurePosixPath("crops") / place


def annotation_names(place: PurePosixPath) -> dict[str, PurePosixPath]:
    """A file a picture of each format, by the word for --save, in the folder where the format's tools look for it."""
    stem = place.with_suffix("") if place.suffix else place
    kinds = (("yolo", "labels", ".txt"), ("voc", "Annotations", ".xml"), ("labelme", "labelme", ".json"))
    return {save: PurePosixPath(folder) / stem.with_name(stem.name + ending) for save, folder, ending in kinds}


_DETECTION = {
    "type": "object",
    "additionalProperties": False,
    "required": ["label", "class_id", "score", "box"],
    "properties": {
        "label": {"type": "string"},
        "class_id": {"type": "integer", "minimum": 0},
        "score": {"type": "number", "minimum": 0, "maximum": 1},
        "box": {
            "description": "x1, y1, x2, y2 in pixels of the upright picture, x2 and y2 exclusive",
            "type": "array",
            "items": {"type": "number", "minimum": 0},
            "minItems": 4,
            "maxItems": 4,
        },
    },
}

TASK = DetectTask()
