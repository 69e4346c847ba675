"""`--plan`: what a run would read and write and how long it would take. Nothing is written.

A few images are read and predicted to tell the time; what is wrong with the plan, such as two outputs of one name,
has been refused before.
"""

import json
import os
import time
from collections.abc import Sequence
from typing import Any

from dlcli.batch.image import ImageProcessor
from dlcli.batch.pipeline import open_run, processor_of
from dlcli.batch.plan import Plan
from dlcli.batch.run import Run
from dlcli.console import Console
from dlcli.errors import ExitCode, ImageError
from dlcli.frozen import dataclass
from dlcli.imaging.steps.chain import format_steps
from dlcli.messages import as_text
from dlcli.records import Source, SourceKey
from dlcli.runtime.deadline import TIMEOUT, time_limit

TRIED, LONGEST = 4, 5.0  # images, the first of which only warms up; seconds for each


@dataclass(frozen=True)
class Estimate:
    """kept: an earlier run has done it. seconds: for all that is to be done; more: at least so many."""

    run: Run
    kept: frozenset[SourceKey]
    seconds: float
    more: bool


def show_plan(plan: Plan, console: Console) -> ExitCode:
    """Print the plan, as JSON with --json."""
    estimate = estimate_run(open_run(plan, console))
    if plan.batch.json:
        console.data(json.dumps(_as_json(estimate), ensure_ascii=False, separators=(",", ":")))
        return ExitCode.DONE
    total = _Total()
    for source in plan.sources:
        console.line(total.line(source, estimate))
    for line in _summary(estimate, total):
        console.line(line)
    return ExitCode.DONE


def estimate_run(run: Run) -> Estimate:
    """Ask which images stand, and time a few of the others."""
    processor = processor_of(run)
    kept, rest = frozenset[SourceKey](), run.plan.sources
    if run.earlier is not None:
        kept = frozenset(source.key for source in rest if processor.reuse(source) is not None)
        rest = [source for source in rest if source.key not in kept]
    each, more = _seconds_each(processor, _spread(rest, TRIED))
    return Estimate(run, kept, each * len(rest) / run.workers, more)


def _spread(sources: Sequence[Source], count: int) -> list[Source]:
    """So many of them, from first to last."""
    if len(sources) <= count:
        return list(sources)
    return [sources[i * (len(sources) - 1) // (count - 1)] for i in range(count)]


def _seconds_each(processor: ImageProcessor, sources: list[Source]) -> tuple[float, bool]:
    """Mean seconds of an image, and whether it would be more, since one was given up."""
    taken = []
    for source in sources:
        start = time.perf_counter()
        try:
            with time_limit(LONGEST, source.shown), processor.budget.share() as admit:
                image, _ = processor.read(source, admit)
                for _ in processor.encoded(source, image, processor.predict(source, image)):
                    pass
        except ImageError as error:
            if error.kind == TIMEOUT:
                return time.perf_counter() - start, True
        taken.append(time.perf_counter() - start)
    timed = taken[1:] or taken
    return sum(timed) / len(timed) if timed else 0.0, False


def _bytes(source: Source) -> int | None:
    """The file's size; None where no such file. A member of an archive is not unpacked for it."""
    if source.size is not None:
        return source.size
    try:
        return len(source.content) if source.path is None else os.stat(source.path).st_size
    except (OSError, ValueError):
        return None


def _outputs(plan: Plan, source: Source) -> list[str]:
    if plan.batch.out is None or source.failure is not None:
        return []
    return [str(name) for name in plan.task.output_names(source.place, plan.saves)]


def replaced_files(plan: Plan, kept: frozenset[SourceKey]) -> list[str]:
    """Files of an earlier run that the run would replace, or remove where it does not write them again."""
    files = plan.files
    if files is None or not (plan.batch.overwrite or plan.batch.resume):
        return []
    if plan.batch.overwrite:
        names = set(files.claims)
    else:
        done = [name for source in plan.sources if source.key not in kept for name in _outputs(plan, source)]
        names = {*done, *map(str, plan.task.run_names(plan.saves))}
    return sorted(name for name in names if files.is_ours(name))


def _as_json(estimate: Estimate) -> dict[str, Any]:
    run, plan = estimate.run, estimate.run.plan
    images = [
        {
            "source": source.shown,
            "bytes": _bytes(source),
            "kept": source.key in estimate.kept,
            "outputs": [as_text(name) for name in _outputs(plan, source)],
        }
        for source in plan.sources
    ]
    head = {"schema": "dlcli.plan/1", "task": plan.task.name, "model": run.predictor.model}
    settings = {"pre": format_steps(run.steps), "out": _text(plan.batch.out), "shard": _text(plan.shard)}
    replaced = {"replaces": [as_text(name) for name in replaced_files(plan, estimate.kept)]}
    expected = {"threads": plan.batch.threads or run.workers, "expected_seconds": round(estimate.seconds, 2)}
    return head | settings | replaced | expected | {"at_least": estimate.more, "images": images}


@dataclass
class _Total:
    """bytes: of the files; missing: how many are not there."""

    bytes: int = 0
    missing: int = 0

    def line(self, source: Source, estimate: Estimate) -> str:
        """An image with its outputs, which is counted."""
        size = _bytes(source)
        self.bytes += size or 0
        self.missing += size is None
        outputs = ", ".join(_outputs(estimate.run.plan, source))
        note = " (kept)" if estimate.kept and source.key in estimate.kept else ""
        if size is None or source.failure is not None:
            note = " (no such file)" if size is None else " (cannot be read)"
        return f"{source.shown}{note}{f' -> {outputs}' if outputs else ''}"


def _summary(estimate: Estimate, total: _Total) -> list[str]:
    """The plan as a whole."""
    run, plan = estimate.run, estimate.run.plan
    missing = f", {total.missing:,} missing" if total.missing else ""
    shard = f" of {len(plan.every):,}, shard {plan.shard}" if plan.shard else ""
    return [
        f"images: {len(plan.sources):,}{shard}, {total.bytes / 1e6:.1f} MB{missing}",
        *([f"kept from an earlier run: {len(estimate.kept):,}"] if plan.batch.resume else []),
        f"model: {run.predictor.model or 'none'}",
        f"steps: {format_steps(run.steps) or 'none'}",
        f"out: {_out_text(plan)}",
        *(f"replaces {as_text(name)}" for name in replaced_files(plan, estimate.kept)),
        f"expected: {'more than' if estimate.more else 'about'} {_time_text(estimate.seconds)}",
    ]


def _out_text(plan: Plan) -> str:
    out = plan.batch.out
    if out is None:
        return "none; records go to standard output"
    there = "the folder is there" if out.is_dir() else "a new folder"
    return f"{out} ({there}): {', '.join((plan.names.results, *plan.saves))}"


def _time_text(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _text(value: object) -> str | None:
    return None if value is None else str(value)
