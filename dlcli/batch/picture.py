"""The way of one picture: read, steps, predict, files, record. Runs in a worker thread."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlcli.batch.budget import PixelBudget
from dlcli.batch.plan import Plan
from dlcli.errors import PictureError
from dlcli.imaging.reader import read_picture
from dlcli.imaging.steps import Step, apply_steps
from dlcli.records import Failure, Picture, Source
from dlcli.tasks.contract import Output, Predictor, Result
from dlcli.whole_file import write_whole

LONGEST_NAME = 255  # bytes, on the file systems in use


@dataclass(frozen=True)
class Done:
    """A picture's record, and what the writers for people show of it."""

    source: Source
    record: dict[str, Any]
    result: Result | None
    failure: Failure | None


@dataclass(frozen=True)
class Way:
    """What every picture of a run meets."""

    plan: Plan
    predictor: Predictor
    steps: tuple[Step, ...]
    budget: PixelBudget

    def go(self, source: Source) -> Done:
        """The picture's record; a picture that cannot be used becomes a failure record."""
        clock = Clock()
        try:
            with self.budget.share() as admit:
                picture = read_picture(source, self.plan.batch.max_pixels, self.plan.task.keeps_16_bit, admit=admit)
                clock.lap("read_ms")
                result = self._predict(source, picture)
                clock.lap("predict_ms")
                written = self._save(source, picture, result)
                settled = self.predictor.settle(source, result)
                clock.lap("save_ms")
        except PictureError as error:
            return self._failed(source, Failure(error.kind, str(error)))
        record = self._head(source, True) | {
            "width": picture.width,
            "height": picture.height,
            "exif_orientation": picture.exif_orientation,
            "model": self.predictor.model,
            **result.fields(),
            **settled,
        }
        if self.plan.task.needs_out:
            record["outputs"] = written
        if self.plan.batch.timings:
            record["timings"] = clock.laps
        return Done(source, record, result, None)

    def _predict(self, source: Source, picture: Picture) -> Result:
        pixels, placement = apply_steps(picture.pixels, self.steps)
        try:
            return self.predictor.predict(pixels, placement)
        except PictureError as error:
            raise PictureError(error.kind, f"{source.text}: {error}") from error

    def _save(self, source: Source, picture: Picture, result: Result) -> list[str]:
        """Write the picture's files; their paths below --out."""
        out, written = self.plan.batch.out, []
        if out is not None:
            for name, data in self._encoded(source, picture, result):
                if max(len(os.fsencode(part)) for part in name.parts) > LONGEST_NAME:
                    raise _unwritable(source, f"{name.name} is too long a name")
                write_whole(Path(out) / name, data)
                written.append(os.fsencode(name).decode("utf-8", "replace"))
        return written

    def _encoded(self, source: Source, picture: Picture, result: Result) -> Iterator[Output]:
        """The picture's files; a format that cannot hold it (WebP ends at 16,383 pixels) is the picture's failure."""
        try:
            yield from result.outputs(picture, source.place, self.plan.saves)
        except (OSError, ValueError) as error:
            raise _unwritable(source, str(error)) from error

    def _failed(self, source: Source, failure: Failure) -> Done:
        error = {"kind": failure.kind, "message": failure.message}
        return Done(source, self._head(source, False) | {"error": error}, None, failure)

    def _head(self, source: Source, ok: bool) -> dict[str, Any]:
        head: dict[str, Any] = {"schema": f"dlcli.{self.plan.task.name}/1", "source": source.text}
        if source.lost_bytes is not None:
            head["source_bytes"] = source.lost_bytes
        return head | {"ok": ok}


def _unwritable(source: Source, reason: str) -> PictureError:
    message = f"{source.text}: its files cannot be saved: {reason}; rename or convert it, or pass --save none"
    return PictureError("unwritable", message)


class Clock:
    """Milliseconds between laps."""

    def __init__(self, now: Callable[[], float] = time.perf_counter):
        self.now, self.last = now, now()
        self.laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = self.now()
        self.laps[name] = round((now - self.last) * 1000, 2)
        self.last = now
