"""--max-memory: what the whole program may hold. A picture that would need more is refused before it is decoded.

The limit bounds the process: what it holds once the model is open, what its first pictures add for good, and what the
pictures that are alive at once need (memory_need.py), however many threads there are. Not counted are records that
are kept for a report or COCO's one file, some hundred bytes each.
"""

import math
import re
import sys
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from dlcli.batch.budget import LIMIT
from dlcli.batch.memory_estimate import Stored, estimate, stages
from dlcli.errors import PictureError, UsageError
from dlcli.imaging.steps import Step
from dlcli.records import Source
from dlcli.tasks.contract import Predictor, Task

if TYPE_CHECKING:
    from dlcli.batch.plan import Plan

__all__ = ["LIMIT", "MemoryLimit", "budget_pixels", "estimate", "memory_limit", "parse_size", "stages", "too_large"]

_SIZE = re.compile(r"([0-9]{1,24}(?:\.[0-9]{1,24})?|\.[0-9]{1,24})\s*([kmgt]?)(i?)(b?)", re.IGNORECASE)
_LARGEST = 1 << 62
KIND = "memory"  # of the PictureError
# Bytes that a program comes to hold with its first pictures, measured with pictures of 0.06 megapixels: once, and for
# each worker its network's activations, which ONNX Runtime's arena keeps, for an input of so many pixels.
ONCE = 8 << 20
EACH = {"detect": (14 << 20, 320 * 320), "classify": (8 << 20, 224 * 224), "segment": (32 << 20, 320 * 320)}
EACH_OTHER = 8 << 20
TORCH, TORCH_GRADIENTS = 32 << 20, 240 << 20  # once, where torch computes, and where it follows gradients
LOADED = 150 << 20  # where the system does not tell what the program holds


def parse_size(text: str) -> int:
    """Bytes of "800MB", "1.5 GB", "1GiB", "2g" or "500000000"; K, M, G, T are powers of 1000, Ki, Mi ... of 1024.

    UsageError: anything else, 0 and less than a byte too.
    """
    found = _SIZE.fullmatch(text.strip())
    size = 0
    if found and (found[2] or not found[3]):
        base = 1024 if found[3] else 1000
        size = math.floor(Fraction(found[1]) * base ** (" kmgt".index(found[2].lower() or " ")))
    if not 0 < size < _LARGEST:
        raise UsageError(f"--max-memory {text}: expected a size such as 800MB, 1.5GB, 1GiB or 500000000")
    return size


def show_size(size: float) -> str:
    """ "1 GB", "1.5 GB", "120 MB": to two or three digits, in powers of 1000."""
    for unit, name in ((10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if size >= 0.9995 * unit:
            return (
                f"{size / unit:.1f}".removesuffix(".0") + f" {name}"
                if size < 10 * unit
                else f"{size / unit:.0f} {name}"
            )
    return f"{size:.0f} bytes"


def too_large(
    estimate: int, limit: int, name: str, width: int, height: int, why: str = "", advice: str = ""
) -> PictureError:
    """What becomes of a picture that needs `estimate` bytes in all, the program included. why: "to read it" ..."""
    most = f", most of it {why}" if why else ""
    return PictureError(
        KIND,
        f"{name}: {width:,} x {height:,} pixels would need about {show_size(estimate)} in all{most}, more than "
        f"--max-memory {show_size(limit)}; {advice or 'make the picture smaller, or raise the limit'}",
    )


def budget_pixels(limit: int, base: int, bytes_per_pixel: float) -> int:
    """How many pixels may be alive at once within `limit` bytes, `base` of which the program holds; at most LIMIT."""
    return max(0, min(LIMIT, math.floor((limit - base) / bytes_per_pixel)))


@dataclass(frozen=True)
class MemoryLimit:
    """limit: bytes. base: bytes that the program holds without any picture, with all its workers at work.

    spare: how much of it one worker alone would not hold.
    """

    limit: int
    base: int
    task: Task
    options: Any
    steps: tuple[Step, ...]
    saves: tuple[str, ...]
    spare: int = 0

    def share(self, source: Source, pixels: int) -> int:
        """What the picture takes of a batch.budget.PixelBudget of LIMIT pixels, so that neither those nor the bytes
        of all that are alive exceed their limit.

        source: a picture whose header has been read; pixels: what it said. PictureError of kind "memory": it would
        need more than there is. Its header is read again, for what the bytes a pixel depend on.
        """
        width, height, stored = look_at(source)
        if width * height != pixels:  # the file has changed meanwhile, or tells two sizes: the decoder's counts
            width, height = pixels, 1
        need = stages(self.task, self.options, self.steps, self.saves, width, height, self.task.keeps_16_bit, stored)
        why, largest = max(need.items(), key=lambda item: item[1])
        if self.base + largest > self.limit:
            alone = self.base + largest - self.spare <= self.limit
            advice = "give --threads 1, or raise the limit" if alone else _advice(why, stored)
            raise too_large(self.base + largest, self.limit, source.shown, width, height, why, advice)
        return max(pixels, math.ceil(LIMIT * largest / (self.limit - self.base)))


def memory_limit(plan: "Plan", predictor: Predictor, steps: tuple[Step, ...], workers: int) -> MemoryLimit | None:
    """The limit of a run whose model is open; None without --max-memory. UsageError: the program alone holds more.

    Freed memory is given back to the system from now on, which costs some time.
    """
    if not plan.batch.max_memory:
        return None
    give_back_freed_memory()
    limit = parse_size(plan.batch.max_memory)
    each = _each(plan.task.name, predictor)
    base = held() + ONCE + workers * each + _torch(plan.options)
    if base >= limit:
        threads = "" if workers == 1 else f" with {workers} threads"
        raise UsageError(
            f"--max-memory {plan.batch.max_memory}: {predictor.model or plan.task.name}{threads} takes about "
            f"{show_size(base)} without any picture; expected some {show_size(base + 100_000_000)} or more"
        )
    return MemoryLimit(limit, base, plan.task, plan.options, steps, plan.saves, (workers - 1) * each)


def _each(task: str, predictor: Predictor) -> int:
    """Bytes of a worker, in proportion to its network's input; a network of another kind may take more."""
    each, pixels = EACH.get(task, (EACH_OTHER, 1))
    card = getattr(predictor, "card", None)
    return round(each * max(1.0, card.input[0] * card.input[1] / pixels)) if card and task in EACH else each


def _torch(options: Any) -> int:
    if getattr(options, "method", "") == "optimise":
        return TORCH_GRADIENTS
    return TORCH if "torch" in sys.modules else 0


def look_at(source: Source) -> tuple[int, int, Stored]:
    """Width and height as stored, and how, by the header of a picture that can be opened.

    What Pillow cannot open counts as of no size, in the costliest form of its format.
    """
    from io import BytesIO

    from PIL import Image

    from dlcli.imaging.decode_pillow import TRANSPARENT, stored_bits
    from dlcli.imaging.sniff import HEAD, format_of

    try:
        with BytesIO(source.data or b"") if source.path is None else open(source.path, "rb") as file:
            head = file.read(HEAD)
            size = file.seek(0, 2)
            name = format_of(head)
            file.seek(0)
            with Image.open(file, formats=[name] if name else None) as image:
                alpha = image.mode in TRANSPARENT or "transparency" in image.info
                deep = name in ("PNG", "TIFF") and stored_bits(image, head, name) == 16
                kind = _kind(name or "", image.mode, bool(image.info.get("progressive")), alpha, deep)
                return *image.size, Stored(kind, size, source.place.suffix)
    except Exception:  # Pillow raises nearly anything on a bad header; the decoder will say what is wrong
        return 0, 0, Stored("progressive" if source.place.suffix.lower() in (".jpg", ".jpeg") else "alpha16")


def _kind(name: str, mode: str, progressive: bool, alpha: bool, deep: bool) -> str:
    """A key of memory_need.READ."""
    if name == "JPEG" and mode in ("L", "RGB", "YCbCr"):
        return "progressive" if progressive else "jpeg"
    if name == "WEBP":
        return "webp-alpha" if alpha else "webp"
    if alpha:
        return "alpha16" if deep else "alpha"
    if deep or mode.startswith("I"):
        return "rgb16" if mode in ("RGB", "RGBX") else "grey16"
    return "grey" if mode in ("1", "L", "P") else "rgb"


def _advice(why: str, stored: Stored) -> str:
    if why == "to read it" and stored.kind not in ("jpeg", "progressive"):
        return "convert it to JPEG, make it smaller, or raise the limit"
    if why.startswith("for"):
        return f"leave out {why.removeprefix('for ')}, make the picture smaller, or raise the limit"
    return "make the picture smaller, or raise the limit"


def held() -> int:
    """Bytes of memory that this process holds now; a guess where the system does not tell."""
    try:
        with open("/proc/self/status", encoding="ascii", errors="replace") as file:
            return next(int(line.split()[1]) << 10 for line in file if line.startswith("VmRSS:"))
    except (OSError, StopIteration, ValueError):
        return LOADED


def give_back_freed_memory() -> None:
    """Have glibc return blocks of a mebibyte and more as soon as they are freed, so that peaks do not add up.

    (mallopt(3), M_MMAP_THRESHOLD and M_TRIM_THRESHOLD.) Nothing where there is no glibc.
    """
    import ctypes

    if sys.platform != "linux":
        return
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    for threshold in (-3, -1):
        mallopt(threshold, 1 << 20)
