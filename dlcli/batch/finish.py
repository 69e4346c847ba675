"""What is said and written when the last image is done: counts, gates, reports, the exit code."""

import os
import time
from collections.abc import Sequence
from dataclasses import field
from pathlib import Path
from typing import Any

from dlcli import __version__
from dlcli.batch.gates.failed import write_failed
from dlcli.batch.gates.gates import Gates
from dlcli.batch.gates.outcome import GateOutcome
from dlcli.batch.report import Report
from dlcli.batch.reports import made
from dlcli.batch.reports.spec import ReportSpec
from dlcli.batch.reports.summary import RunSummary
from dlcli.batch.reports.write import write_reports
from dlcli.batch.run import Run
from dlcli.batch.sources.skipped import Skipped
from dlcli.console import BAD, GOOD, Console, visible
from dlcli.errors import ExitCode
from dlcli.frozen import dataclass
from dlcli.messages import as_text
from dlcli.units import duration

SHORT = 12  # hex digits of the run's hash that are reported
NAMED = 20  # images that broke a gate


@dataclass(frozen=True)
class FinishedRun:
    """All that is reported of a run. sentence, model: see RunSummary. broken: what the task was asked to hold does not.

    stopped: why it ended before its last image, "" if it did not. reported: whether the sentence is printed.
    where: what was written, as people name it; seconds: that the run took: both on the terminal alone.
    failed_to: the file for names of images that break a gate; separator: after each of them.
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
    where: str = ""
    seconds: float | None = None
    failed_to: Path | None = None
    separator: bytes = b"\n"
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
    if run.matching is not None:
        run.console.say(run.matching.sentence())
    plan.gates.skip(run.skipped.counts)
    where = written_to(run)
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
            report.summary.of_one or report.images != 1 or batch.json or report.failures or run.skipped.total or where
        ),
        where=where,
        seconds=time.monotonic() - run.began,
        failed_to=batch.failed_to,
        separator=b"\0" if batch.null else b"\n",
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
        console.say(finished.sentence + _aside(finished), BAD if report.failures else "")
    if finished.stopped:
        console.error(finished.stopped)
    outcomes = finished.gates.outcomes()
    tell_gates(outcomes, console)
    if finished.failed_to is not None:
        write_failed(finished.failed_to, finished.gates.failed, finished.separator)
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
        command=made.command_line(),
        date=made.date(),
    )
    write_reports(specs, summary, records, console, out)
    return code


def tell_gates(outcomes: Sequence[GateOutcome], console: Console) -> None:
    """The gates that failed, each with its images and why; those that passed only where people want to hear more."""
    for outcome in outcomes:
        if not outcome.broken:
            console.say(outcome.sentence(), GOOD)
            continue
        console.failure(outcome.sentence() + ":" * bool(outcome.images))
        for name, evidence in outcome.pairs()[:NAMED]:
            console.failure(f"  {name}{f': {evidence}' if evidence else ''}")
        if len(outcome.images) > NAMED:
            console.error(f"  ... and {len(outcome.images) - NAMED:,} more")


def written_to(run: Run) -> str:
    """What people find the run's files by, "found/, report.html": of one image its one file, else the folder; ""."""
    plan, out, places = run.plan, run.plan.batch.out, []
    if out is not None:
        one = plan.single and len(run.written) == 1
        places = [as_text(out / run.written[0]) if one else f"{as_text(out)}{os.sep}"]
    return ", ".join(map(visible, [*places, *(as_text(spec.path) for spec in plan.reports if spec.path)]))


def _aside(finished: FinishedRun) -> str:
    """Where the files are, the time, and the SHA-256 of the records, as `sha256sum OUT/results.jsonl` has it in full.

    Of one image the last says little.
    """
    done = finished.report.failures < finished.report.images
    parts = [duration(finished.seconds)] if done and finished.seconds is not None else []
    parts += [f"run {finished.digest[:SHORT]}"] if finished.report.images > 1 else []
    where = f" -> {finished.where}" if done and finished.where else ""
    return f"{where} ({', '.join(parts)})" if parts else where


def stop_sentence(run: Run) -> str:
    """Why the run ended before its last image, and how it goes on."""
    batch, report = run.plan.batch, run.report
    why = "--fail-fast" if batch.fail_fast else f"--max-errors {batch.max_errors}"
    more = "; --resume goes on" if batch.out else ""
    total = "" if run.plan.open_ended else f" of {len(run.plan.sources):,}"
    return f"stopped by {why} after {report.images:,}{total} images{more}"
