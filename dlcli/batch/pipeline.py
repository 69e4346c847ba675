"""Many pictures: each goes its way on a bounded pool of threads, and is written in input order."""

from dataclasses import replace

import cv2
import numpy as np

from dlcli.batch.budget import PixelBudget
from dlcli.batch.in_order import in_order
from dlcli.batch.outputs import PART
from dlcli.batch.picture import Way
from dlcli.batch.plan import Plan
from dlcli.batch.report import Report
from dlcli.batch.writers import ClosingTable, FailureLines, JsonLines, PeopleLines, ResultsFile, Writer
from dlcli.console import Console
from dlcli.errors import ExitCode
from dlcli.imaging.steps import format_steps, parse_steps
from dlcli.runtime.threads import default_threads
from dlcli.tasks.contract import Predictor
from dlcli.whole_file import write_whole

KEPT_BYTES = 8 << 20


def run_plan(plan: Plan, console: Console) -> ExitCode:
    """Open the model, send every picture on its way, write every record, report."""
    threads = plan.batch.threads or default_threads()
    workers = max(1, min(threads, len(plan.sources)))
    keep_freed_memory()
    cv2.setNumThreads(1 if workers > 1 else threads)  # several pictures have one each; more would wait for each other
    predictor = plan.task.load(plan.options, threads if workers == 1 else 1, workers)
    predictor.console = console
    steps = parse_steps(predictor.pre) if plan.steps is None else plan.steps
    if format_steps(steps) != predictor.pre and predictor.pre:
        console.say(f"the model was trained with --pre '{predictor.pre}'; other steps may cost accuracy")
    if plan.batch.pre is None and plan.steps:
        console.say(f"--pre '{format_steps(steps)}'")  # what the task's own options come to
    way = Way(plan, predictor, steps, PixelBudget())
    report = Report(plan.task.noun, plan.batch.skip_bad)
    writers = open_writers(plan, console, predictor)
    complete = False
    try:
        write_run_outputs(plan, predictor)
        with console.progress(plan.task.name, len(plan.sources)) as bar:
            for _, done in in_order(way.go, plan.sources, workers):
                done = replace(done, record=predictor.in_turn(done.record))
                for writer in writers:
                    writer.write(done)
                report.add(done)
                bar.step()
        complete = True
    except KeyboardInterrupt:
        raise KeyboardInterrupt(interrupted(plan, report)) from None
    finally:
        for writer in writers:
            writer.close(complete)
    closing = predictor.closing()
    for note in closing.notes:
        console.say(note)
    if closing.sentence or report.pictures != 1 or plan.batch.json or report.failures:
        console.say(closing.sentence or report.sentence())
    return report.exit_code(closing.broken)


def interrupted(plan: Plan, report: Report) -> str:
    """How far the run came, and where that is."""
    kept = "" if plan.batch.out is None else f"; their files stay, their records are in {plan.batch.out / PART}"
    return f"interrupted after {report.pictures} of {len(plan.sources)} pictures{kept}"


def keep_freed_memory() -> None:
    """Have glibc keep what one picture frees for the next, instead of giving it back and asking for it anew.

    Its limits follow the largest block that was freed (mallopt(3), M_MMAP_THRESHOLD). That saves `preprocess` a tenth
    of its time on pictures of 500 pixels; the block itself is never touched, so costs nothing.
    """
    np.empty(KEPT_BYTES, np.uint8)


def write_run_outputs(plan: Plan, predictor: Predictor) -> None:
    """The files of the run as a whole, such as the legend of its masks."""
    if plan.batch.out is not None:
        for name, data in predictor.run_outputs(plan.saves):
            write_whole(plan.batch.out / name, data)


def open_writers(plan: Plan, console: Console, predictor: Predictor) -> list[Writer]:
    writers: list[Writer] = []
    if plan.batch.out is not None:
        writers.append(ResultsFile(plan.batch.out))
    if predictor.table_of_run and not plan.batch.json:
        return [*writers, ClosingTable(console, predictor)]
    single = len(plan.sources) == 1
    writers.append(JsonLines(console) if plan.batch.json else PeopleLines(console, single))
    return [FailureLines(console), *writers]
