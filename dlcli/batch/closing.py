"""What is said and written when the last picture is done: counts, gates, reports, the exit code."""

from collections.abc import Sequence

from dlcli import __version__
from dlcli.batch.gates.outcome import GateOutcome
from dlcli.batch.reports.facts import RunFacts
from dlcli.batch.reports.write import write_reports
from dlcli.batch.run import Run
from dlcli.console import Console
from dlcli.errors import ExitCode

SHORT = 12  # hex digits of the run's hash that people are told
NAMED = 20  # pictures that broke a gate


def close_run(run: Run) -> ExitCode:
    """Tell how the run went, write its reports; the exit code."""
    plan, report, console, batch = run.plan, run.report, run.console, run.plan.batch
    closing = run.predictor.closing()
    for note in closing.notes:
        console.say(note)
    sentence = closing.sentence or report.sentence()
    if closing.sentence or report.pictures != 1 or batch.json or report.failures:
        console.say(sentence + run_hash(run.digest.hexdigest(), report.pictures))
    if run.stopped:
        sentence = f"{sentence}; {stop_sentence(run)}"
        console.error(stop_sentence(run))
    outcomes = plan.gates.outcomes()
    tell_gates(outcomes, console)
    broken = closing.broken or any(outcome.broken for outcome in outcomes)
    code = ExitCode.INCOMPLETE if run.stopped else report.exit_code(broken and not batch.exit_zero)
    facts = RunFacts(
        task=plan.task.name,
        model=run.predictor.model,
        version=__version__,
        pictures=report.pictures,
        failures=report.failures,
        skip_bad=batch.skip_bad,
        sentence=sentence,
        run_hash=run.digest.hexdigest(),
        exit_code=code,
        gates=outcomes,
    )
    write_reports(plan.reports, facts, run.records or [], console, batch.out)
    return code


def tell_gates(outcomes: Sequence[GateOutcome], console: Console) -> None:
    """The gates that broke, each with its pictures; those that hold only where people want to hear more."""
    for outcome in outcomes:
        if not outcome.broken:
            console.say(outcome.sentence())
            continue
        console.error(outcome.sentence())
        for name in outcome.pictures[:NAMED]:
            console.failure(f"  {name}")
        if len(outcome.pictures) > NAMED:
            console.error(f"  ... and {len(outcome.pictures) - NAMED:,} more")


def run_hash(digest: str, pictures: int) -> str:
    """The SHA-256 of the records, as `sha256sum OUT/results.jsonl` says it in full; of one picture it says little."""
    return f" (run {digest[:SHORT]})" if pictures > 1 else ""


def stop_sentence(run: Run) -> str:
    """Why the run ended before its last picture, and how it goes on."""
    batch, report = run.plan.batch, run.report
    why = "--fail-fast" if batch.fail_fast else f"--max-errors {batch.max_errors}"
    more = "; --resume goes on" if batch.out else ""
    return f"stopped by {why} after {report.pictures:,} of {len(run.plan.sources):,} pictures{more}"
