"""What every report says of a run beside its records."""

from dataclasses import field

from dlcli.batch.gates.outcome import GateOutcome
from dlcli.errors import ExitCode
from dlcli.frozen import dataclass


@dataclass(frozen=True)
class RunSummary:
    """task: the image command, "detect". model: as records name it, "" where every image failed. version: dlcli's.

    images, failures: counts. skip_bad: failures do not change the exit code. sentence: what closed the run on
    standard error. run_hash: sha256 of the records, 64 hex digits. gates: in the order of the command line. skipped:
    what was not looked at, by kind (batch/sources/skipped.py). command, date: see reports/made.py; for people alone.
    """

    task: str
    model: str
    version: str
    images: int
    failures: int
    skip_bad: bool
    sentence: str
    run_hash: str
    exit_code: ExitCode
    gates: tuple[GateOutcome, ...] = field(default=())
    skipped: dict[str, int] = field(default_factory=dict)
    command: str = ""
    date: str = ""
