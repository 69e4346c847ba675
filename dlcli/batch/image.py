"""The way of one image: read, steps, predict, files, record. Runs in a worker thread."""

import base64
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from dlcli.batch.files.resume import EarlierRun, Stamp, state_entry
from dlcli.batch.files.run_files import Entry, to_line
from dlcli.batch.memory.admission import Admission
from dlcli.batch.memory.budget import PixelBudget
from dlcli.batch.memory.limit import MemoryLimit
from dlcli.batch.plan import Plan
from dlcli.batch.shown import Shown
from dlcli.batch.sources.held import let_go
from dlcli.claims import Claim
from dlcli.errors import ImageError
from dlcli.frozen import dataclass
from dlcli.imaging.fault import Fault, check_size
from dlcli.imaging.formats.pages import further_pages
from dlcli.imaging.geometry import Placement
from dlcli.imaging.reader import read_image
from dlcli.imaging.steps.chain import Step, apply_steps
from dlcli.imaging.value_range import parse_range
from dlcli.records import Crop, DecodedImage, Failure, Frame, Source
from dlcli.runtime.deadline import TIMEOUT, check, time_limit
from dlcli.stopwatch import Stage, stage
from dlcli.tasks.contract import Output, Predictor, Result

LONGEST_NAME = 255  # bytes, on the file systems in use


@dataclass(frozen=True)
class Outcome:
    """An image's record, and what is reported of it; words: None where it failed.

    state: what --resume will need.
    reused: an earlier run has done it.
    unchanged: and its files hold this record and state.
    pages: that the file has after the one that was read.
    """

    source: Source
    record: dict[str, Any]
    words: Shown | None
    failure: Failure | None
    state: Entry | None = None
    reused: bool = False
    unchanged: bool = False
    pages: int = 0

    @cached_property
    def line(self) -> str:
        """The record as it is written."""
        return to_line(self.record)


@dataclass(frozen=True)
class ImageProcessor:
    """What every image of a run meets.

    memory: with --max-memory. earlier: with --resume. shard: what each record of a shard carries.
    """

    plan: Plan
    predictor: Predictor
    steps: tuple[Step, ...]
    budget: PixelBudget
    memory: MemoryLimit | None = None
    earlier: EarlierRun | None = None
    shard: dict[str, Any] | None = None

    def process(self, source: Source) -> Outcome:
        """The image's record; an image that cannot be used becomes a failure record."""
        try:
            done = self.reuse(source) or self._compute(source)
            return done if done.failure is not None else replace(done, pages=self._pages_left_out(done))
        finally:
            if source.frame is not None:
                source.frame.close()
            let_go(source)

    def _pages_left_out(self, done: Outcome) -> int:
        """By the record where it tells, else by the file."""
        if self.plan.task.tells_pages:
            return int(done.record.get("pages_left_out", 0))
        with stage(Stage.READING):
            return pages_after_first(done.source)

    def reuse(self, source: Source) -> Outcome | None:
        cached = self.earlier.cached(source) if self.earlier else None
        if cached is None or not self.predictor.is_current(cached.record):
            return None
        record = {**cached.record, **self._shard_field(source)}
        unchanged = record == cached.record and not cached.renewed
        return Outcome(source, record, cached.words, None, cached.entry, True, unchanged)

    def _compute(self, source: Source) -> Outcome:
        try:
            with time_limit(self.plan.batch.timeout_per_image, source.shown), self.budget.share() as admit:
                return self._done(source, admit)
        except ImageError as error:
            return self.failed(source, Failure(error.kind, str(error)))

    def _done(self, source: Source, admit: Callable[[int], None]) -> Outcome:
        """What holds the image's memory ends here."""
        clock = Clock()
        with stage(Stage.READING):
            image, stamp = self.read(source, admit)
        clock.lap("read_ms")
        with self._watching(image):
            with stage(Stage.RESULTS):
                result = self.predict(source, image)
            clock.lap("predict_ms")
            with stage(Stage.WRITING):
                written = self._save(source, image, result)
        with stage(Stage.WRITING):
            settled = self.predictor.after_save(source, result)
        clock.lap("save_ms")
        with stage(Stage.RESULTS):
            record = self.record_of(source, image, result, settled, list(written))
        if self.plan.batch.timings:
            record["timings"] = clock.laps
        words = Shown.of(result, with_table=self.plan.single)
        return Outcome(
            source, record, words, None, None if stamp is None else state_entry(source, stamp, written, words)
        )

    def record_of(
        self, source: Source, image: DecodedImage, result: Result, settled: dict[str, Any], written: list[str]
    ) -> dict[str, Any]:
        """settled: what `Predictor.after_save` gave. written: the image's files, below --out."""
        return self._head(source, True) | {
            "width": image.width,
            "height": image.height,
            "exif_orientation": image.exif_orientation,
            **({"notes": list(image.notes)} if image.notes else {}),
            "model": self.predictor.model,
            **result.fields(),
            **settled,
            **(output_fields(written) if self.plan.task.needs_out else {}),
        }

    def read(self, source: Source, admit: Callable[[int], None]) -> tuple[DecodedImage, Stamp | None]:
        """The image, or the part of it that is meant, and the stamp of its file where --resume may want it.

        admit: takes the image's share of memory. ImageError: it cannot be used, or would need too much.
        """
        if source.failure is not None:
            raise ImageError(source.failure.kind, source.failure.message)
        if source.frame is not None:
            return self._read_frame(source, source.frame)
        content: list[bytes] = []
        time_ns = _time_ns(source)
        batch = self.plan.batch
        keep = content.append if batch.out else None
        enough = self._enough(source)
        admission = Admission(source, admit, self.memory, batch.max_pixels, enough)
        on_file = None if self.memory is None else admission.on_file
        deep, colors = self.plan.task.keeps_16_bit, self.plan.task.keeps_colors
        rule = parse_range(batch.range)
        image = read_image(source, batch.max_pixels, deep, admission.on_pixels, keep, on_file, colors, rule, enough)
        check("while it was read")
        stamp = Stamp.of(content[0], time_ns) if content else None
        return image if source.crop is None else cropped(image, source.crop), stamp

    def _enough(self, source: Source) -> tuple[int, int] | None:
        """Pixels beyond which the network sees no more, where nothing else looks at them; None: all are wanted."""
        used = self.steps or source.crop is not None or (self.plan.files is not None and self.plan.saves)
        return None if used or self.plan.batch.full_decode else self.predictor.enough

    def _read_frame(self, source: Source, frame: Frame) -> tuple[DecodedImage, Stamp | None]:
        """A frame of a video, which is decoded already, and was given its share of memory before."""
        assert frame.pixels is not None
        image = DecodedImage(frame.pixels, 1, source)
        try:
            check_size(image.width, image.height, self.plan.batch.max_pixels)
        except Fault as fault:
            raise ImageError(fault.kind, fault.sentence(source.text)) from fault
        assert source.path is not None
        return image, Stamp.of_file(source.path) if self.plan.batch.out else None

    def predict(self, source: Source, image: DecodedImage) -> Result:
        with stage(Stage.PREPARING):
            pixels, placement = apply_steps(image.pixels, self.steps)
        if image.reduced > 1:
            placement = Placement(1 / image.reduced, 1 / image.reduced, 0, 0, image.width, image.height)
        if self.steps:
            check("in the --pre steps")
        try:
            result = self.predictor.predict(pixels, placement)
            check("while predicting")
            return result
        except ImageError as error:
            if error.kind == TIMEOUT:  # its message has the name
                raise
            raise ImageError(error.kind, f"{source.text}: {error}") from error

    def _save(self, source: Source, image: DecodedImage, result: Result) -> dict[str, Claim]:
        """Write the image's files; their paths below --out, and what they hold."""
        written: dict[str, Claim] = {}
        files = self.plan.files
        if files is not None:
            for name, data in self.encoded(source, image, result):
                check("while its files were made")
                if max(len(os.fsencode(part)) for part in name.parts) > LONGEST_NAME:
                    raise _unwritable(source, f"{name.name} is too long a name")
                written[str(name)] = files.write(name, data)
        return written

    def encoded(self, source: Source, image: DecodedImage, result: Result) -> Iterator[Output]:
        """The image's files; a format that cannot hold it (WebP ends at 16,383 pixels) is the image's failure."""
        try:
            yield from result.outputs(image, source.place, self.plan.saves)
        except (OSError, ValueError) as error:
            raise _unwritable(source, str(error)) from error

    def _watching(self, image: DecodedImage) -> AbstractContextManager[None]:
        return nullcontext() if self.memory is None else self.memory.watching(image.width * image.height)

    def failed(self, source: Source, failure: Failure) -> Outcome:
        error = {"kind": failure.kind, "message": failure.message}
        return Outcome(source, self._head(source, False) | {"error": error}, None, failure)

    def _head(self, source: Source, ok: bool) -> dict[str, Any]:
        head: dict[str, Any] = {"schema": f"dlcli.{self.plan.task.name}/1", "source": source.text}
        if source.lost_bytes is not None:
            head["source_bytes"] = source.lost_bytes
        if source.crop is not None:
            head["crop"] = source.crop.fields()
        if source.frame is not None:
            head |= source.frame.fields()
        return {**head, **self._shard_field(source), "ok": ok}

    def _shard_field(self, source: Source) -> dict[str, Any]:
        return {} if self.shard is None else {"shard": {"index": source.index, **self.shard}}


def output_fields(names: list[str]) -> dict[str, Any]:
    """The files that an image was given, as records have them; in base64 too, if one is no UTF-8."""
    raw = [os.fsencode(name) for name in names]
    shown = [name.decode("utf-8", "replace") for name in raw]
    if [name.encode() for name in shown] == raw:
        return {"outputs": shown}
    return {"outputs": shown, "outputs_bytes": [base64.b64encode(name).decode() for name in raw]}


def cropped(image: DecodedImage, crop: Crop) -> DecodedImage:
    """The part of the image, to whole pixels that hold it. ImageError: nothing of it lies within the image."""
    x1, y1, x2, y2 = crop.box
    left, top, right, bottom = max(0, int(x1)), max(0, int(y1)), math.ceil(x2), math.ceil(y2)
    pixels = image.pixels[top:bottom, left:right]
    if not pixels.size or right <= left or bottom <= top:
        name = image.source.shown if image.source else "crop"
        size = f"{image.width} x {image.height}"
        raise ImageError("empty-crop", f"{name}: the box {list(crop.box)} holds no pixel of the {size} image")
    return DecodedImage(np.ascontiguousarray(pixels), image.exif_orientation, image.source, image.notes)


def pages_after_first(source: Source) -> int:
    """Frames and pages that were not looked at."""
    if source.frame is not None or source.crop is not None:
        return 0
    return further_pages(source.content if source.path is None else Path(source.path))


def _time_ns(source: Source) -> int:
    """When the file was changed, before it is read: a change while it is read is then seen as one. 0: not known."""
    try:
        return os.stat(source.path).st_mtime_ns if source.path else 0
    except (OSError, ValueError):
        return 0


def _unwritable(source: Source, reason: str) -> ImageError:
    message = f"{source.text}: its files cannot be saved: {reason}; rename or convert it, or pass --save none"
    return ImageError("unwritable", message)


class Clock:
    """Milliseconds between laps."""

    def __init__(self, now: Callable[[], float] = time.perf_counter):
        self.now, self.last = now, now()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = self.now()
        self.laps[name] = round((now - self.last) * 1000, 2)
        self.last = now
