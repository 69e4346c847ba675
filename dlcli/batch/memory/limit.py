"""--max-memory: what the whole program may hold. An image that would need more is refused before it is read.

The limit bounds the process: what it holds once the model is open, what its first images add for good, and what the
images that are alive at once need (estimate.py), however many threads there are. An image's need is reckoned by
its file's header before the file is read (admission.py); records that are kept for a report or COCO's one file leave
less room for the images that follow. A task that does not tell what it takes is measured (measured.py).
"""

import math
import os
import sys
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlcli.batch.memory.budget import LIMIT
from dlcli.batch.memory.estimate import KEPT, KEPT_ONCE, THUMBNAIL, estimate, stages
from dlcli.batch.memory.measured import Measured
from dlcli.batch.memory.process import give_back_freed_memory, held
from dlcli.batch.plan import Plan
from dlcli.errors import ImageError, UsageError
from dlcli.frozen import dataclass
from dlcli.imaging.file_bytes import FileBytes
from dlcli.imaging.footprint import FRAME_SUFFIX, Stored, video_bytes
from dlcli.imaging.steps.chain import Step
from dlcli.records import Source
from dlcli.tasks.contract import Predictor, Task
from dlcli.tasks.memory import MemoryModel
from dlcli.units import parse_size, show_size

if TYPE_CHECKING:
    from dlcli.imaging.formats.header import Header

__all__ = ["LIMIT", "MemoryLimit", "budget_pixels", "estimate", "memory_limit", "stages", "too_large"]

COSTLIEST = "alpha16"  # of imaging.footprint.READ
KIND = "memory"  # of the ImageError
# Bytes that a program comes to hold with its first images, measured with images of 0.06 megapixels: once, and for
# each worker what MemoryModel.worker says.
ONCE = 8 << 20
LEAST_OF_NETWORKS = 64 << 20  # a limit below what the program takes is refused once the model is open
TORCH = 32 << 20  # once, where torch computes


def too_large(
    estimate: int, limit: int, name: str, width: int, height: int, why: str = "", advice: str = ""
) -> ImageError:
    """What becomes of an image that needs `estimate` bytes in all, the program included. why: "to read it" ..."""
    most = f", most of it {why}" if why else ""
    return ImageError(
        KIND,
        f"{name}: {width:,} x {height:,} pixels would need about {show_size(estimate)} in all{most}, more than "
        f"--max-memory {show_size(limit)}; {advice or 'make the image smaller, or raise the limit'}",
    )


def budget_pixels(limit: int, base: int, bytes_per_pixel: float) -> int:
    """How many pixels may be alive at once within `limit` bytes, `base` of which the program holds; at most LIMIT."""
    return max(0, min(LIMIT, math.floor((limit - base) / bytes_per_pixel)))


@dataclass(frozen=True)
class MemoryLimit:
    """limit: bytes. base: bytes that the program holds without any image, with all its workers at work.

    spare: how much of it one worker alone would not hold. video: how much of it the largest video's buffers are.
    kept: one number, bytes of records so far. measured: what the task was seen to take, where it does not tell.
    model: the task's own, as it is with the network that is open; None: as it stands.
    """

    limit: int
    base: int
    task: Task
    options: Any
    steps: tuple[Step, ...]
    saves: tuple[str, ...]
    spare: int = 0
    video: int = 0
    kept: list[int] = field(default_factory=lambda: [0])
    measured: Measured | None = None
    model: MemoryModel | None = None

    @property
    def reads_all_pages(self) -> bool:
        """Whether the pages and frames behind the first are read as well."""
        return (self.model or self.task.memory).all_pages(self.options)

    def share(self, source: Source, header: "Header | None", size: int) -> int:
        """What the image takes of a PixelBudget of LIMIT pixels, so that neither those nor the bytes of all that are
        alive exceed their limit.

        header: of its file, if one was found; size: the file's bytes. ImageError of kind "memory": it would need
        more than there is.
        """
        width, height, stored = _stored(source, header, size)
        if source.path is None:  # standard input has been read, and is part of what the program holds
            stored = replace(stored, file=0)
        return self._share(source.shown, width, height, stored)

    def share_of_frame(self, source: Source, width: int, height: int) -> int:
        """The same of each frame of a video, whose own buffers count too."""
        more = max(0, video_bytes(width * height, bool(self.saves)) - self.video)
        return self._share(source.shown, width, height, Stored("frame", 0, FRAME_SUFFIX, more))

    def watching(self, pixels: int) -> AbstractContextManager[None]:
        """Around predicting and saving an image of so many pixels: what it takes is measured where nobody knows."""
        return self.measured.watching(pixels) if self.measured else nullcontext()

    def keep(self, length: int, shown: bool = False) -> None:
        """A record of so many characters is kept to the end of the run. shown: and its image on a page then."""
        self.kept.append(self.kept.pop() + KEPT * length + KEPT_ONCE + (THUMBNAIL if shown else 0))

    def unforeseen(self, source: Source, pixels: int) -> ImageError:
        """Of an image that turns out to have more pixels than its header says."""
        limit = f"--max-memory {show_size(self.limit)}"
        return ImageError(
            KIND, f"{source.shown}: has {pixels:,} pixels, more than its header says to {limit}; save it again"
        )

    def _share(self, name: str, width: int, height: int, stored: Stored) -> int:
        model = self.measured.model if self.measured else self.model
        deep = self.task.keeps_16_bit
        need = stages(self.task, self.options, self.steps, self.saves, width, height, deep, stored, model)
        why, largest = max(need.items(), key=lambda item: item[1])
        base = self.base + self.kept[0]
        if base + largest > self.limit:
            raise too_large(base + largest, self.limit, name, width, height, *self._reason(base, largest, why, stored))
        share = max(width * height, math.ceil(LIMIT * largest / (self.limit - base)))
        return share if self.measured is None or self.measured.covers(width * height) else max(share, LIMIT)

    def _reason(self, base: int, largest: int, why: str, stored: Stored) -> tuple[str, str]:
        """What takes most, and what to do."""
        if 2 * stored.later > largest:
            return "for the pages behind the first", "leave out --pages all, or raise the limit"
        if 2 * max(stored.file, stored.extra) > largest:
            if stored.kind == "frame":
                return "to decode the video", "make the video smaller, or raise the limit"
            if stored.file > stored.extra:
                return f"for the {show_size(stored.file)} of its file", "save it again, or raise the limit"
            return "for tiles, strips and metadata", "save it again without them, or raise the limit"
        if base + largest - self.spare <= self.limit:
            return why, "give --threads 1, or raise the limit"
        if base + largest - self.kept[0] <= self.limit:
            return (
                why,
                "the records kept for --report and --save coco leave no room: leave those out, or raise the limit",
            )
        return why, _advice(why, stored)


def bound_networks_of(plan: Plan) -> None:
    """With --max-memory: what a network of unknown make takes, which no estimate foresees, is bounded when it runs."""
    if plan.batch.max_memory and plan.task.network is not None:
        from dlcli.runtime.session import bound_networks

        bound_networks(max(parse_size(plan.batch.max_memory) - held(), LEAST_OF_NETWORKS))


def memory_limit(plan: Plan, predictor: Predictor, steps: tuple[Step, ...], workers: int) -> MemoryLimit | None:
    """The limit of a run whose model is open; None without --max-memory. UsageError: the program alone holds more.

    Freed memory is given back to the system from now on, which costs some time.
    """
    if not plan.batch.max_memory:
        return None
    give_back_freed_memory()
    limit = parse_size(plan.batch.max_memory)
    model = predictor.memory_of(plan.task.memory)
    each = _each(plan.task, predictor)
    base = held() + ONCE + workers * each + max(model.once(plan.options), TORCH if "torch" in sys.modules else 0)
    if base >= limit:
        threads = "" if workers == 1 else f" with {workers} threads"
        raise UsageError(
            f"--max-memory {plan.batch.max_memory}: {predictor.model or plan.task.name}{threads} takes about "
            f"{show_size(base)} without any image; expected some {show_size(base + 100_000_000)} or more"
        )
    video = _largest_video(plan, limit - base)
    found = MemoryLimit(limit, base + video, plan.task, plan.options, steps, plan.saves, (workers - 1) * each, video)
    return replace(found, model=model) if model.known else replace(found, measured=Measured())


def _largest_video(plan: Plan, room: int) -> int:
    """Bytes of the buffers of the largest video that there is room for."""
    if not plan.videos:
        return 0
    from dlcli.imaging.video import size_of

    found = [0]
    for source in plan.videos:
        with suppress(ImageError):  # which its turn will tell
            width, height = size_of(Path(source.path or ""), source.text)
            found.append(video_bytes(width * height, bool(plan.saves)))
    return max(size for size in found if size <= room)


def _each(task: Task, predictor: Predictor) -> int:
    """Bytes of a worker, in proportion to its network's input; a network of another kind may take more."""
    each, pixels = task.memory.worker, task.memory.worker_input
    card = getattr(predictor, "card", None)
    return round(each * max(1.0, card.input[0] * card.input[1] / pixels)) if card and pixels else each


def look_at(source: Source) -> tuple[int, int, Stored]:
    """Width and height as stored, and how, by the header of an image that can be opened.

    One without a header counts as of no size, in the costliest form.
    """
    from dlcli.imaging.formats.header import read_header

    if source.path is None:
        return _stored(source, read_header(source.content), len(source.content))
    try:
        with open(source.path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            return _stored(source, read_header(FileBytes(file.fileno(), size)), size)
    except OSError:
        return _stored(source, None, 0)


def _stored(source: Source, header: "Header | None", size: int) -> tuple[int, int, Stored]:
    if header is None:
        return 0, 0, Stored(COSTLIEST, size, source.place.suffix)
    return header.width, header.height, Stored(header.kind, size, source.place.suffix, header.extra, header.later)


def _advice(why: str, stored: Stored) -> str:
    if why == "to read it" and stored.kind not in ("jpeg", "progressive", "frame"):
        return "convert it to JPEG, make it smaller, or raise the limit"
    if why.startswith("for"):
        return f"leave out {why.removeprefix('for ')}, make the image smaller, or raise the limit"
    return "make the image smaller, or raise the limit"
