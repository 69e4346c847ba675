"""How many bytes a picture needs on its way, told by its header; memory.py holds it against --max-memory.

The way has stages: reading, each --pre step, predicting, each kind of file. What is alive at the same time is added,
and the largest stage is the need. Every factor was measured as growth of the whole program's peak between pictures of
12 and 24 megapixels, one setting at a time, with photographs and some noise, and rounded up; what depends on how well
a picture can be compressed is taken for one that hardly can. `python -m tests.benchmarks.memory` measures them again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from dlcli.imaging.steps import Step
from dlcli.tasks.contract import Task
from dlcli.tasks.preprocess.names import picture_name


@dataclass(frozen=True)
class Stored:
    """How a picture lies in its file. kind: a key of READ. file: its bytes. suffix: of its name.

    extra: bytes that reading takes beside pixels and file, for metadata, strips and tiles.
    """

    kind: str = "jpeg"
    file: int = 0
    suffix: str = ".jpg"
    extra: int = 0


# Bytes a pixel: (8 bits wanted, 16 bits wanted where the file has them). The file itself comes on top.
READ = {
    "jpeg": (6.2, 6.2),
    "progressive": (9.5, 9.5),  # libjpeg keeps the coefficients of all scans
    "grey": (11.5, 11.5),  # from here on by Pillow, whose RGB has four bytes a pixel; palettes too
    "rgb": (14.2, 14.2),  # also CMYK
    "webp": (22.5, 22.5),
    "alpha": (17, 17),
    "webp-alpha": (25, 25),
    "grey16": (11, 11),
    "rgb16": (17, 17),
    "alpha16": (27.5, 27.5),
    "frame": (9.2, 9.2),  # of a video, turned
}
# A video that is open, a pixel of its frames: decoded and referred to by others, and made again of what is drawn.
DECODER, ENCODER, VIDEO_ONCE = 20, 20, 16 << 20
FRAME_SUFFIX = ".jpg"
KEPT, KEPT_ONCE = 16, 4_000  # a record that is kept for reports: bytes a character of its line, and beside
THUMBNAILS, THUMBNAIL = 2_000, 40_000  # pictures that --report html shows, and bytes of each
DEEP = {"grey16", "rgb16", "alpha16"}
NARROWING = 4  # from 16 bits to 8, a pixel

# What a step takes beside its input, its result included, a pixel of the input: (8 bits, 16 bits).
STEPS = {
    "clahe": (6.1, 50.2),
    "gamma": (3.1, 30.2),
    "grey": (4.1, 8.2),
    "equalise": (6.1, 0),
    "bilateral": (6.1, 0),  # 3 where OpenCV comes with Intel's functions
    "nlmeans": (12.5, 0),
    "sharpen": (6.1, 12.2),
    "white_balance": (6.1, 12.2),
}
PLACED = {"resize": 1, "letterbox": 2}  # pictures of the new size

# Encoding, beside the pixels: (8 bits, 16 bits).
ENCODE = {"jpeg": (6, 6 + NARROWING), "png": (8, 24), "webp": (15, 15 + NARROWING), "tiff": (7, 13), "bmp": (8, 35)}
FORMATS = {".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp", ".tif": "tiff", ".tiff": "tiff", ".bmp": "bmp"}

# What a kind of file takes beside the picture and the result, before its pixels are encoded: drawing is done on a
# copy in Pillow, which comes back as another.
DRAWN = 10.2
SAVES: dict[str, dict[str, float]] = {
    "detect": {"annotated": DRAWN, "crops": 6, "yolo": 0, "voc": 0, "labelme": 0, "coco": 0},
    "classify": {"annotated": DRAWN},
    "segment": {"index": 3, "overlay": DRAWN + 1, "masks": 11, "cutouts": 16, "yolo": 11.5, "labelme": 11.5, "coco": 3},
    "style-transfer": {"picture": 0},
    "preprocess": {"pictures": 0, "preview": 12.5},
}
REDRAWN = {"annotated", "overlay"}  # a picture of 3 bytes a pixel is encoded after it is drawn
LEFT = {"overlay": 4, "pictures": 3}  # still there while the next kinds are made: what was drawn, what was encoded
AUDIT_16, PREVIEW_16 = 14, 22

# Predicting, beside the picture: bytes a pixel of the picture.
PREDICT: dict[str, float] = {"detect": 0.2, "classify": 0.2, "segment": 4.6, "preprocess": 0.2}
UNKNOWN = 4.0  # of a task, or a kind of file, that is not in these tables
MASK = 1  # of segment, alive from then on
PAINT = 500  # style-transfer: a pixel that is painted at; ONNX Runtime keeps it
PAINTED, KEPT_COLOURS = 3, 12  # a pixel of the result
TENSOR, MADE_TENSOR = 12, 27  # of --method optimise: the picture in float32, and while it becomes that
OPTIMISE = {"lite": 2000, "torchvision/vgg19": 3500}  # see dlcli/style


def estimate(
    task: Task,
    options: Any,
    steps: Sequence[Step],
    saves: Sequence[str],
    width: int,
    height: int,
    keep_16_bit: bool = False,
    stored: Stored = Stored(),
) -> int:
    """Bytes that a picture of width x height pixels needs at its peak, beyond what the loaded program holds.

    steps, saves: of the run. keep_16_bit: the task takes 16 bits where the file has them.
    """
    return max(stages(task, options, steps, saves, width, height, keep_16_bit, stored).values())


def stages(
    task: Task,
    options: Any,
    steps: Sequence[Step],
    saves: Sequence[str],
    width: int,
    height: int,
    keep_16_bit: bool,
    stored: Stored,
) -> dict[str, int]:
    """Bytes at each stage of the way, by what is done there: "to read it", "for --pre clahe" ..."""
    deep = keep_16_bit and stored.kind in DEEP
    pixels = width * height
    picture = _bytes(pixels, deep)
    found = {"to read it": READ[stored.kind][deep] * pixels + stored.file + stored.extra}
    changed = Changed(width, height, deep)
    for step in steps:
        changed, need = after(step, changed)
        found[f"for --pre {step.name}"] = max(picture + need, found.get(f"for --pre {step.name}", 0))
    predicting, result = _predict(task, options, changed, pixels)
    again = stored.file + stored.extra if task.name == "preprocess" else 0  # its metadata are read from it
    found["to predict"] = picture + changed.held + predicting + again
    for save in [save for save in SAVES.get(task.name, saves) if save in saves]:  # in the order of their making
        found[f"for --save {save}"] = (
            picture + result + again + _save(task, options, save, changed, pixels, stored.suffix)
        )
        result += LEFT.get(save, 0) * max(pixels, changed.pixels)
    return {name: round(need) for name, need in found.items()}


@dataclass(frozen=True)
class Changed:
    """What the --pre steps have made so far. own: it is another array than the picture."""

    width: int
    height: int
    deep: bool
    own: bool = False

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def size(self) -> int:
        """Bytes, whether they are the picture's own or not."""
        return _bytes(self.pixels, self.deep)

    @property
    def held(self) -> int:
        """Bytes beside the picture."""
        return self.size if self.own else 0


def after(step: Step, before: Changed) -> tuple[Changed, float]:
    """What a step makes, and the bytes that are alive meanwhile beside the picture."""
    need = 0.0
    if before.deep and not step.keeps_16_bit:
        need = before.held + NARROWING * before.pixels
        before = Changed(before.width, before.height, False, True)
    values = dict(step.values)
    if step.name in PLACED:
        made = _placed(step.name, values, before)
        return made, max(need, before.held + PLACED[step.name] * made.size)
    name = str(values["method"]) if step.name == "denoise" else step.name
    made = Changed(before.width, before.height, before.deep, True)
    return made, max(need, before.held + STEPS[name][before.deep] * before.pixels)


def _placed(name: str, values: dict[str, Any], before: Changed) -> Changed:
    width = int(values["w"])
    if name == "letterbox" or "h" in values:
        return Changed(width, int(values.get("h", width)), before.deep, True)
    scale = width / max(before.width, before.height)
    return Changed(max(1, round(before.width * scale)), max(1, round(before.height * scale)), before.deep, True)


def _predict(task: Task, options: Any, changed: Changed, pixels: int) -> tuple[float, float]:
    """Bytes that predicting takes, and bytes that its result holds from then on. pixels: of the picture."""
    if task.name == "style-transfer":
        return _paint(options, changed)
    if task.name == "preprocess":
        audit = AUDIT_16 * changed.pixels if changed.deep and options.check else 0
        return PREDICT["preprocess"] * pixels + audit, 0 if options.for_ else changed.held
    return PREDICT.get(task.name, UNKNOWN) * pixels, MASK * pixels if task.name == "segment" else 0


def _paint(options: Any, changed: Changed) -> tuple[float, float]:
    from dlcli.tasks.style_transfer.optimize import SIZE
    from dlcli.tasks.style_transfer.predictor import LARGEST

    longer = max(changed.width, changed.height)
    if options.method == "optimise":
        painted = changed.pixels * ((options.size or SIZE) / longer) ** 2
        work = TENSOR * changed.pixels + OPTIMISE[options.features or "lite"] * painted
        return max(MADE_TENSOR * changed.pixels, work), 3 * PAINTED * painted
    network = PAINT * changed.pixels * ((options.size or min(longer, LARGEST)) / longer) ** 2
    colours = KEPT_COLOURS if options.preserve_color else PAINTED
    return network + (PAINTED + colours) * changed.pixels, network + PAINTED * changed.pixels


def _save(task: Task, options: Any, save: str, changed: Changed, pixels: int, suffix: str) -> float:
    """Bytes that a kind of file takes beside the picture and the result."""
    need = SAVES.get(task.name, {}).get(save, DRAWN) * pixels
    if save in REDRAWN:
        return max(need, (3 + ENCODE[written(suffix)][0]) * pixels)
    if task.name == "style-transfer":
        return ENCODE[written(suffix)][0] * changed.pixels
    if save == "pictures":
        name = picture_name(PurePosixPath(f"a{suffix}"), getattr(task, "suffix", ""))
        return ENCODE[written(name.suffix)][changed.deep] * changed.pixels
    if save == "preview":
        return (PREVIEW_16 if changed.deep else SAVES[task.name][save]) * max(pixels, changed.pixels)
    return need


def written(suffix: str) -> str:
    """The format of a file of this name, a key of ENCODE; PNG where it is none that is written."""
    return FORMATS.get(suffix.lower(), "png")


def video_bytes(pixels: int, drawn: bool) -> int:
    """What a video of frames of so many pixels takes while it is open. drawn: another is made of what is drawn."""
    return round(VIDEO_ONCE + (DECODER + (ENCODER if drawn else 0)) * pixels)


def _bytes(pixels: int, deep: bool) -> int:
    return pixels * (6 if deep else 3)
