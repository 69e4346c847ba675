"""A run under way: the plan, the model that is open, and what is known so far."""

import hashlib
import time
from dataclasses import dataclass, field
from typing import Any

from dlcli.batch.files.fingerprint import Fingerprint
from dlcli.batch.files.resume import EarlierRun
from dlcli.batch.matching_files import MatchingFiles
from dlcli.batch.memory.limit import MemoryLimit
from dlcli.batch.plan import Plan
from dlcli.batch.profile import Profile
from dlcli.batch.report import Report
from dlcli.batch.sources.skipped import Skipped
from dlcli.console import Console
from dlcli.imaging.steps.chain import Step
from dlcli.tasks.contract import Predictor


@dataclass
class Run:
    """How far it has come.

    workers: threads that images go on. found: see fingerprint. records: all of them, where the end wants them.
    memory: with --max-memory. skipped: what was not looked at.

    earlier: with --resume; reused: images that it has done; new_failures: images that had not failed in it.
    digest: SHA-256 of the records so far, without timings: of a whole run that of OUT/results.jsonl.
    began: on the monotonic clock. written: files below --out of the latest image. matching: what copies images.
    profile: with --profile.
    """

    plan: Plan
    console: Console
    predictor: Predictor
    steps: tuple[Step, ...]
    workers: int
    found: Fingerprint
    report: Report
    records: list[dict[str, Any]] | None = None
    memory: MemoryLimit | None = None
    earlier: EarlierRun | None = None
    skipped: Skipped = field(default_factory=Skipped)
    reused: int = 0
    new_failures: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    began: float = field(default_factory=time.monotonic)
    written: tuple[str, ...] = ()
    matching: MatchingFiles | None = None
    profile: Profile | None = None

    @property
    def stopped(self) -> bool:
        """--max-errors is reached before the last image; what had failed in an earlier run is not counted again."""
        most = 1 if self.plan.batch.fail_fast else self.plan.batch.max_errors
        more = self.plan.open_ended or self.report.images < len(self.plan.sources)
        return 0 < most <= self.new_failures and more
