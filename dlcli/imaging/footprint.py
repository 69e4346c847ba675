"""How many bytes images take while they are read, stepped through --pre and encoded: the part of `--max-memory` that no
task changes. Light.

Every factor was measured as growth of the whole program's peak between images of 12 and 24 megapixels, one setting at a
time, with photographs and some noise, and rounded up; what depends on how well an image can be compressed is taken for
one that hardly can. `python -m tests.benchmarks.memory` measures them again.
"""

from typing import Any

from dlcli.frozen import dataclass
from dlcli.imaging.steps.chain import Step


@dataclass(frozen=True)
class Stored:
    """How an image lies in its file. kind: a key of READ. file: its bytes. suffix: of its name.

    extra: bytes that reading takes beside pixels and file, for metadata, strips and tiles. later: how many of them are
    for the pages behind the first.
    """

    kind: str = "jpeg"
    file: int = 0
    suffix: str = ".jpg"
    extra: int = 0
    later: int = 0


# Bytes a pixel: (8 bits wanted, 16 bits wanted where the file has them). The file itself comes on top.
READ = {
    "jpeg": (6.2, 6.2),
    "progressive": (9.5, 9.5),  # libjpeg keeps the coefficients of all scans
    "gray": (11.5, 11.5),  # from here on by Pillow, whose RGB has four bytes a pixel; palettes too
    "rgb": (14.2, 14.2),  # also CMYK
    "webp": (22.5, 22.5),
    "alpha": (17, 17),
    "webp-alpha": (25, 25),
    "gray16": (11, 11),
    "rgb16": (17, 17),
    "alpha16": (27.5, 27.5),
    "frame": (9.2, 9.2),  # of a video, turned
}
# A video that is open, a pixel of its frames: decoded and referred to by others, and made again of what is drawn.
DECODER, ENCODER, VIDEO_ONCE = 20, 20, 16 << 20
FRAME_SUFFIX = ".jpg"
DEEP = {"gray16", "rgb16", "alpha16"}
NARROWING = 4  # from 16 bits to 8, a pixel

# What a step takes beside its input, its result included, a pixel of the input: (8 bits, 16 bits).
STEPS = {
    "clahe": (6.1, 12.2),
    "gamma": (3.1, 6.6),
    "gray": (4.1, 8.2),
    "equalize": (6.1, 0),
    "bilateral": (6.1, 0),  # 3 where OpenCV comes with Intel's functions
    "nlmeans": (12.5, 0),
    "sharpen": (6.1, 12.2),
    "white_balance": (6.1, 10.3),
    "stretch": (3.6, 6.7),
}
PLACED = {"resize": 1, "letterbox": 2}  # images of the new size

# Encoding, beside the pixels: (8 bits, 16 bits).
ENCODE = {"jpeg": (6, 6 + NARROWING), "png": (8, 24), "webp": (15, 15 + NARROWING), "tiff": (7, 13), "bmp": (8, 35)}
FORMATS = {".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp", ".tif": "tiff", ".tiff": "tiff", ".bmp": "bmp"}


@dataclass(frozen=True)
class Changed:
    """What the --pre steps have made so far. own: it is another array than the image."""

    width: int
    height: int
    deep: bool
    own: bool = False

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def size(self) -> int:
        """Bytes, whether they are the image's own or not."""
        return pixel_bytes(self.pixels, self.deep)

    @property
    def held(self) -> int:
        """Bytes beside the image."""
        return self.size if self.own else 0


def after(step: Step, before: Changed) -> tuple[Changed, float]:
    """What a step makes, and the bytes that are alive meanwhile beside the image."""
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


def written(suffix: str) -> str:
    """The format of a file of this name, a key of ENCODE; PNG where it is none that is written."""
    return FORMATS.get(suffix.lower(), "png")


def video_bytes(pixels: int, drawn: bool) -> int:
    """What a video of frames of so many pixels takes while it is open. drawn: another is made of what is drawn."""
    return round(VIDEO_ONCE + (DECODER + (ENCODER if drawn else 0)) * pixels)


def pixel_bytes(pixels: int, deep: bool) -> int:
    return pixels * (6 if deep else 3)
