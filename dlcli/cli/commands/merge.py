"""`dlcli merge *.jsonl`: the shards of a run as one, and gates and reports on files of records."""

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlcli.batch.options import DISPLAY, EXIT_ZERO, FAIL_IF, FAILED_TO, GROUP, OUTPUT, REPORT, REQUIRE, SKIP_BAD
from dlcli.cli.build import add_command
from dlcli.console import Console, refuse_log
from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.tasks.options import option

if TYPE_CHECKING:
    from collections import Counter

    from dlcli.batch.finish import FinishedRun
    from dlcli.batch.gates.gates import Gates
    from dlcli.batch.merge import Merged

HELP = (
    "Join files of records, such as the shards of a run.\n\n"
    "Shards become what the whole run would have written. An image in two files, one in none, or files of different "
    "runs are refused. "
    "Files without --shard are joined as they are given; of one file alone, gates and reports can be had later."
)

RECORD = b'{"schema":"dlcli.'  # how a file of records begins
BEGINS_PARQUET = b"PAR1"
EXAMPLES = (
    "dlcli merge found/results.*-of-4.jsonl --out found.jsonl",
    "dlcli merge found/results.jsonl --out found.parquet",
    "dlcli merge found.jsonl --fail-if 'count(dog) > 0' --report html=report.html",
)


@dataclass(frozen=True)
class MergeOptions:
    files: Annotated[list[str], typer.Argument(metavar="FILE", help="Records, as --json and --out write them.")]
    out: Annotated[
        Path | None,
        option(
            "The file to write, .jsonl, or .parquet for DuckDB, Spark and pandas; else standard output, unless gates "
            "or reports are asked for.",
            "--out",
            "-o",
            panel=OUTPUT,
        ),
    ] = None
    overwrite: Annotated[bool, option("Replace the file.", "--overwrite", panel=OUTPUT)] = False
    report: Annotated[list[str] | None, REPORT] = None
    fail_if: Annotated[list[str] | None, FAIL_IF] = None
    require: Annotated[list[str] | None, REQUIRE] = None
    failed_to: Annotated[Path | None, FAILED_TO] = None
    exit_zero: Annotated[bool, EXIT_ZERO] = False
    group: Annotated[list[str] | None, GROUP] = None
    skip_bad: Annotated[bool, SKIP_BAD] = False
    quiet: Annotated[bool, option("Print nothing but errors, and records.", "--quiet", "-q", panel=DISPLAY)] = False
    debug: Annotated[bool, option("Show the traceback on internal errors.", "--debug", panel=DISPLAY)] = False


def add_to(app: typer.Typer) -> None:
    add_command(app, "merge", HELP, (MergeOptions,), merge_files, EXAMPLES)


def merge_files(options: MergeOptions) -> None:
    from dlcli.batch.files.run_files import to_line
    from dlcli.batch.finish import report_run
    from dlcli.batch.gates.failed import check_failed_to, refuse_failed_to
    from dlcli.batch.gates.gates import Gates
    from dlcli.batch.merge import merge, read_part
    from dlcli.batch.reports.places import refuse_files, refuse_inputs
    from dlcli.batch.reports.spec import parse_reports
    from dlcli.tasks.groups import Groups
    from dlcli.whole_file import is_replaced, write_whole

    groups = Groups.parse(options.group)
    gates, specs = Gates.parse(options.fail_if, options.require, groups), parse_reports(options.report)
    check_failed_to(options.failed_to, bool(gates), options.overwrite)
    refuse_failed_to(options.failed_to, options.files)
    if options.out is not None and is_replaced(options.out) and not options.overwrite:
        raise UsageError(f"--out {options.out}: is there already; name another file, or pass --overwrite")
    if options.out is not None:
        refuse_log(f"--out {options.out}", options.out)
    refuse_files(specs)
    refuse_inputs(specs, [*options.files, options.out])
    refuse_other_file(options)
    if options.files.count("-") > 1:
        raise UsageError("standard input can be only one of the files")
    skipped = skipped_of(options.files)
    refuse_skipped(gates, skipped)
    if options.out is not None and _is_table(options.out):
        from dlcli.batch.parquet import load_pyarrow

        load_pyarrow()
    console = Console(options.quiet)
    merged = merge([read_part(name) for name in options.files])
    check_labels(gates, merged, console)
    lines = [to_line(record) for record in merged.records]
    if options.out is not None:
        write_whole(options.out, _content(options.out, lines, merged))
    elif not (gates or specs):
        for line in lines:
            console.data(line)
    raise typer.Exit(report_run(_finished(options, merged, lines, gates, skipped), specs, merged.records, console))


def _is_table(out: Path) -> bool:
    from dlcli.batch.parquet import SUFFIX

    return out.suffix.lower() == SUFFIX


def _content(out: Path, lines: list[str], merged: "Merged") -> bytes:
    """Of the file to write: lines, or a table where it is named so."""
    if not _is_table(out):
        return "".join(f"{line}\n" for line in lines).encode()
    from dlcli.batch.parquet import parquet_bytes

    return parquet_bytes(merged.records, merged.task)


def skipped_of(files: list[str]) -> "Counter[str] | None":
    """What the runs did not look at, by kind; None where a file of records has no state beside it that tells."""
    from dlcli.batch.files.skipped_counts import skipped_of_parts, stored_skipped

    sharded = all(re.search(r"\.\d+-of-\d+\.jsonl$", name) for name in files)
    return skipped_of_parts([stored_skipped(Path(name)) for name in files], sharded)


def refuse_skipped(gates: "Gates", skipped: "Counter[str] | None") -> None:
    """UsageError: a gate asks what a run did not look at, and nothing tells."""
    if skipped is not None:
        return
    for scoped in gates.scoped:
        if any(term.quantity == "skipped" for term in scoped.gate.terms()):
            raise UsageError(
                f"{scoped.gate.option} '{scoped.gate.text}': skipped() is of the run that looked, which the state "
                "beside its records tells (results.state.jsonl), and one of these files has none; merge the files as "
                "--out wrote them, or give the gate to that command"
            )


def refuse_other_file(options: MergeOptions) -> None:
    """UsageError: --overwrite would replace one of the files that are merged, or one that holds no records, or would
    make or fill what a link names."""
    out = options.out
    if out is not None and out.is_symlink() and not out.exists():
        raise UsageError(f"--out {out}: is a link to nothing; name another file, or remove the link")
    if out is None or not out.is_file():
        return
    if os.path.realpath(out) in {os.path.realpath(name) for name in options.files}:
        raise UsageError(f"--out {out}: is one of the files that are merged; name another file")
    with out.open("rb") as file:
        head = file.read(len(RECORD))
    begins = BEGINS_PARQUET if _is_table(out) else RECORD
    if not head.startswith(begins) and (head or out.is_symlink()):
        raise UsageError(f"--out {out}: is there already, and holds no records of dlcli; name another file")


def check_labels(gates: "Gates", merged: "Merged", console: Console) -> None:
    """UsageError for a label that the model does not know; where dlcli does not carry it, a word on those unseen."""
    from dlcli.batch.reports.predictions import predictions_of
    from dlcli.models.store import list_models

    known = next((model.card.labels for model in list_models() if model.id == merged.model), ()) if gates else ()
    gates.check(merged.task, known)
    gates.groups.check(known)
    if gates and not known:
        seen = {find.label.casefold() for record in merged.records for find in predictions_of(merged.task, record)}
        for label in gates.labels():
            if not gates.groups.meant(label) & seen:
                console.warn(f"no record holds the label {label}; the model is not at hand to say whether it knows it")


def _finished(
    options: MergeOptions, merged: "Merged", lines: list[str], gates: "Gates", counts: "Counter[str] | None"
) -> "FinishedRun":
    """What a run that wrote these records would say."""
    import hashlib

    from dlcli.batch.finish import FinishedRun, summary_sentence
    from dlcli.batch.report import Report
    from dlcli.batch.sources.skipped import Skipped
    from dlcli.tasks.registry import find_task

    report, digest = Report(find_task(merged.task).summary(), options.skip_bad), hashlib.sha256()
    report.summary.groups = gates.groups
    for record, line in zip(merged.records, lines, strict=True):
        gates.add(record)
        report.add(record)
        digest.update(line.encode() + b"\n")
    skipped = Skipped(counts)
    gates.skip(skipped.counts)
    sentence = summary_sentence(report, skipped)
    finished = FinishedRun(
        merged.task, merged.model, report, sentence, digest.hexdigest(), gates, options.exit_zero, skipped=skipped
    )
    return replace(finished, where="" if options.out is None else str(options.out), failed_to=options.failed_to)
