"""`dlcli segment`: its options and how it is loaded. Light; worker.py is heavy."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Annotated, Any, ClassVar

from dlcli.errors import UsageError
from dlcli.tasks.contract import Predictor, TaskDefaults
from dlcli.tasks.options import RUNTIMES, ModelOptions, option

FOUND = "What counts as found"
TILES = "Large pictures"
LEGEND, COCO, CLASSES = PurePosixPath("legend.json"), PurePosixPath("coco.json"), PurePosixPath("classes.txt")
SAVES_HELP = (
    "--save yolo writes labels/TREE/NAME.txt, a polygon for each piece of a class, and classes.txt, which leaves the "
    "background out; labelme writes labelme/TREE/NAME.json, which belongs beside its picture; both follow the edges of "
    "pixels, and a hole is joined to its outline by a line of no width, which not every tool understands. coco writes "
    "coco.json with run lengths, where a picture's id is its place in the run, from 1, and a category's id is its "
    "class_id, or one more where class 0 is no background."
)
WRITTEN = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".bmp"}


@dataclass(frozen=True)
class SegmentOptions(ModelOptions):
    """Options of `dlcli segment` beside those of every picture command."""

    model: Annotated[
        str, option("A bundled model, an .onnx file or a run folder.", "--model", "-m", panel=RUNTIMES)
    ] = "voc-seg"
    classes: Annotated[
        str,
        option("Keep only these, by name or id: dog,cat; others become background.", panel=FOUND, metavar="LIST"),
    ] = ""
    exclude_classes: Annotated[str, option("These become background.", panel=FOUND, metavar="LIST")] = ""
    min_share: Annotated[
        float, option("A class on less than this share of the picture becomes background.", panel=FOUND, min=0, max=1)
    ] = 0.0
    tile: Annotated[
        bool, option("Work in overlapping squares that are blended, for large pictures.", "--tile", panel=TILES)
    ] = False
    tile_size: Annotated[
        int, option("Side of a square in pixels, rounded to what the network divides.", panel=TILES, min=64, max=8192)
    ] = 640
    tile_overlap: Annotated[float, option("What neighbours share, of a side.", panel=TILES, min=0, max=0.9)] = 0.5


class SegmentTask(TaskDefaults):
    """A class for every pixel."""

    name: ClassVar[str] = "segment"
    help: ClassVar[str] = f"Give every pixel of pictures a class: masks, overlays, cut-out objects.\n\n{SAVES_HELP}"
    options: ClassVar[type] = SegmentOptions
    saves: ClassVar[tuple[str, ...]] = ("index", "overlay", "masks", "cutouts", "yolo", "labelme", "coco")
    noun: ClassVar[str] = "region"

    def check(self, options: SegmentOptions) -> None:
        if options.classes and options.exclude_classes:
            raise UsageError("--classes and --exclude-classes do not go together: name what to keep, or what not")
        tiles = SegmentOptions.tile_size, SegmentOptions.tile_overlap
        if not options.tile and (options.tile_size, options.tile_overlap) != tiles:
            raise UsageError("--tile-size and --tile-overlap: say how --tile works; add --tile")

    def load(self, options: SegmentOptions, threads: int, workers: int) -> Predictor:
        from dlcli.tasks.segment.predictor import load

        return load(options, threads, workers)

    def schema(self) -> dict[str, Any]:
        return {"required": ["classes"], "properties": {"classes": {"type": "array", "items": _CLASS}}}

    def output_names(self, place: PurePosixPath, saves: tuple[str, ...]) -> list[PurePosixPath]:
        names = {
            "index": index_name(place),
            "overlay": overlay_name(place),
            "masks": class_folder("masks", place),
            "cutouts": class_folder("cutouts", place),
            **annotation_names(place),
        }
        return [names[save] for save in saves if save in names]

    def run_names(self, saves: tuple[str, ...]) -> list[PurePosixPath]:
        """The legend of index masks' values and colours, the class names of YOLO's numbers, COCO's one file."""
        kinds = (("index", LEGEND), ("yolo", CLASSES), ("coco", COCO))
        return [name for save, name in kinds if save in saves]


def index_name(place: PurePosixPath) -> PurePosixPath:
    """<tree>/<stem>.png."""
    return place.with_suffix(".png") if place.suffix else place.with_name(f"{place.name}.png")


def overlay_name(place: PurePosixPath) -> PurePosixPath:
    """overlay/<tree>/ keeps the picture's name; formats that are not written become PNG."""
    name = place if place.suffix.lower() in WRITTEN else place.with_name(f"{place.name}.png")
    return PurePosixPath("overlay") / name


def annotation_names(place: PurePosixPath) -> dict[str, PurePosixPath]:
    """A file a picture of each format, by the word for --save, in the folder where the format's tools look for it."""
    stem = place.with_suffix("") if place.suffix else place
    kinds = (("yolo", "labels", ".txt"), ("labelme", "labelme", ".json"))
    return {save: PurePosixPath(folder) / stem.with_name(stem.name + ending) for save, folder, ending in kinds}


def class_folder(kind: str, place: PurePosixPath) -> PurePosixPath:
    """masks/<tree>/<name>/ or cutouts/<tree>/<name>/ holds a file for each class."""
    return PurePosixPath(kind) / place


_CLASS = {
    "type": "object",
    "additionalProperties": False,
    "required": ["label", "class_id", "share", "rle"],
    "properties": {
        "label": {"type": "string"},
        "class_id": {"description": "the value of its pixels in the index mask", "type": "integer", "minimum": 0},
        "share": {"description": "of the picture's pixels", "type": "number", "minimum": 0, "maximum": 1},
        "rle": {
            "description": "COCO's run lengths of the upright picture's pixels, column after column",
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
