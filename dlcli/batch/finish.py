"""What is said and written when the last image is done: counts, gates, reports, the exit code."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlcli import __version__
from dlcli.batch.gates.gates import Gates
from dlcli.batch.gates.outcome import GateOutcome
from dlcli.batch.report import Report
from dlcli.batch.reports.spec import ReportSpec
from dlcli.batch.reports.summary import RunSummary
from dlcli.batch.reports.write import write_reports
from dlcli.batch.run import Run
from dlcli.batch.sources.skipped import Skipped
from dlcli.console import Console
from dlcli.errors import ExitCode

SHORT = 12  # hex digits of the run's hash that are reported
NAMED = 20  # images that broke a gate


@dataclass(frozen=True)
class FinishedRun:
    """All that is reported of a run. sentence, model: see RunSummary. broken: what the task was asked to hold does not.

    stopped: why it ended before its last image, "" if it did not. reported: whether the sentence is printed.
    skipped: what was not looked at; strict: which is exit code 3.
    """

    task: str
    model: str
    report: Report
    sentence: str
    digest: str
    gates: Gates
    exit_zero: bool
    broken: bool = False
    stopped: str = ""
    reported: bool = True
    skipped: Skipped = field(default_factory=Skipped)
    strict: bool = False

    def exit_code(self, outcomes: Sequence[GateOutcome]) -> ExitCode:
        if self.stopped or (self.strict and self.skipped.total):
            return ExitCode.INCOMPLETE
        broken = self.broken or any(outcome.broken for outcome in outcomes)
        return self.report.exit_code(broken and not self.exit_zero)


def finish_run(run: Run) -> ExitCode:
    """Tell how the run went, write its reports; the exit code."""
    plan, report, batch = run.plan, run.report, run.plan.batch
    task_summary = run.predictor.summarize()
    for note in (*report.note_lines(), *task_summary.notes):
        run.console.say(note)
    if run.earlier is not None and len(run.earlier.records):
        run.console.say(f"--resume: {run.reused:,} of {report.images:,} images were done before")
    plan.gates.skip(run.skipped.counts)
    finished = FinishedRun(
        task=plan.task.name,
        model=run.predictor.model,
        report=report,
        sentence=summary_sentence(report, run.skipped),
        digest=run.digest.hexdigest(),
        gates=plan.gates,
        exit_zero=batch.exit_zero,
        broken=task_summary.warned and batch.strict,
        stopped=stop_sentence(run) if run.stopped else "",
        reported=bool(
            report.summary.of_one or report.images != 1 or batch.json or report.failures or run.skipped.total
        ),
        skipped=run.skipped,
        strict=batch.strict,
    )
    return report_run(finished, plan.reports, run.records or [], run.console, batch.out)


def summary_sentence(report: Report, skipped: Skipped) -> str:
    """What was found, what was not looked at, how many failed."""
    sentence, failed = report.sentence(), f"; {report.failures} failed"
    if not skipped.total:
        return sentence
    last = failed if sentence.endswith(failed) else ""
    return f"{sentence.removesuffix(last)}; {skipped.clause()}{last}"


def report_run(
    finished: FinishedRun,
    specs: Sequence[ReportSpec],
    records: Sequence[dict[str, Any]],
    console: Console,
    out: Path | None = None,
) -> ExitCode:
    """Say what is to be said, write the reports; the exit code. out: where the images of the run were written."""
    report = finished.report
    if finished.reported:
        console.say(finished.sentence + _short(finished.digest, report.images))
    if finished.stopped:
        console.error(finished.stopped)
    outcomes = finished.gates.outcomes()
    tell_gates(outcomes, console)
    code = finished.exit_code(outcomes)
    summary = RunSummary(
        task=finished.task,
        model=finished.model,
        version=__version__,
        images=report.images,
        failures=report.failures,
        skip_bad=report.skip_bad,
        sentence="; ".join(filter(None, [finished.sentence, finished.stopped])),
        run_hash=finished.digest,
        exit_code=code,
        gates=outcomes,
        skipped=dict(sorted(finished.skipped.counts.items())),
    )
    write_reports(specs, summary, records, console, out)
    return code


def tell_gates(outcomes: Sequence[GateOutcome], console: Console) -> None:
    """The gates that broke, each with its images; those that hold only where people want to hear more."""
    for outcome in outcomes:
        if not outcome.broken:
            console.say(outcome.sentence())
            continue
        console.error(outcome.sentence())
        for name in outcome.images[:NAMED]:
            console.failure(f"  {name}")
        if len(outcome.images) > NAMED:
            console.error(f"  ... and {len(outcome.images) - NAMED:,} more")


def _short(digest: str, images: int) -> str:
    """The SHA-256 of the records, as `sha256sum OUT/results.jsonl` says it in full; of one image it says little."""
    return f" (run {digest[:SHORT]})" if images > 1 else ""


def stop_sentence(run: Run) -> str:
    """Why the run ended before its last image, and how it goes on."""
    batch, report = run.plan.batch, run.report
    why = "--fail-fast" if batch.fail_fast else f"--max-errors {batch.max_errors}"
    more = "; --resume goes on" if batch.out else ""
    total = "" if run.plan.open_ended else f" of {len(run.plan.sources):,}"
    return f"stopped by {why} after {report.images:,}{total} images{more}"
