"""The process of a cluster that holds the model and sends images on their way; its files go back with their records."""

import os
from contextlib import suppress
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, cast

from dlcli.batch.files.ownership import Ownership
from dlcli.batch.gates.gates import Gates
from dlcli.batch.image import ImageProcessor, Outcome
from dlcli.batch.memory.budget import PixelBudget
from dlcli.batch.plan import Plan
from dlcli.batch.run import Run
from dlcli.claims import Claim, claim_of
from dlcli.frozen import dataclass
from dlcli.imaging.steps.chain import Step
from dlcli.records import Source

Files = list[tuple[str, bytes]]
NOWHERE = Source("", None, PurePosixPath("none"))
NO_GATES = Gates.parse((), ())


class Gathered:
    """In place of the files below --out: keeps what is written, for the process that owns them."""

    def __init__(self) -> None:
        self.files: Files = []

    def write(self, name: str | PurePosixPath, data: bytes) -> Claim:
        self.files.append((str(name), data))
        return claim_of(data)

    def take(self) -> Files:
        taken, self.files = self.files, []
        return taken


@dataclass(frozen=True)
class Work:
    """What a worker is told once. plan: without its sources. folder: that names of files are relative to."""

    plan: Plan
    steps: tuple[Step, ...]
    shard: dict[str, Any] | None
    folder: str

    @classmethod
    def of(cls, run: Run, shard: dict[str, Any] | None) -> "Work":
        plan = replace(run.plan, sources=(), every=(), gates=NO_GATES, reports=(), files=None, matching=None)
        return cls(plan, run.steps, shard, os.getcwd())


class ImageWorker:
    """Answers groups of images, one after another, as a thread of a local run does."""

    def __init__(self, work: Work, saves: bool):
        import cv2

        from dlcli.tasks.registry import all_tasks

        with suppress(OSError):  # a machine without this folder: names are then absolute, or missing
            os.chdir(work.folder)
        all_tasks()
        cv2.setNumThreads(1)
        self.gathered = Gathered()
        plan = replace(work.plan, files=cast(Ownership, self.gathered)) if saves else work.plan
        predictor = plan.task.load(plan.options, 1, 2)
        predictor.group(plan.groups)
        self.processor = ImageProcessor(plan, predictor, work.steps, PixelBudget(), shard=work.shard)

    def model(self) -> str:
        """What answers here, as records name it."""
        return self.processor.predictor.model

    def answer(self, sources: list[Source]) -> list[tuple[Outcome, Files]]:
        """For each source, in order: the outcome, without the source, and the files that belong to it."""
        return [(self._done(source), self.gathered.take()) for source in sources]

    def _done(self, source: Source) -> Outcome:
        return replace(self.processor.process(source), source=NOWHERE)
