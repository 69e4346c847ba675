"""Many images: each goes its way on a bounded pool of threads, and is written in input order."""

import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any

import cv2
import numpy as np

from dlcli.batch.files.fingerprint import digest_of_run, fingerprint
from dlcli.batch.files.resume import EarlierRun
from dlcli.batch.files.root import ROOT, refuse_moved, root_of
from dlcli.batch.files.run_files import to_line
from dlcli.batch.finish import finish_run
from dlcli.batch.frames import FrameVideos, announced, with_frames
from dlcli.batch.gates.gates import check_gate
from dlcli.batch.image import ImageProcessor, Outcome
from dlcli.batch.matching_files import MatchingFiles
from dlcli.batch.memory.budget import PixelBudget
from dlcli.batch.memory.estimate import THUMBNAILS
from dlcli.batch.memory.limit import bound_networks_of, memory_limit
from dlcli.batch.options import BatchOptions
from dlcli.batch.plan import Plan
from dlcli.batch.profile import Profile, profiled
from dlcli.batch.report import Report
from dlcli.batch.run import Run
from dlcli.batch.sources.held import held
from dlcli.batch.sources.skipped import PAGES
from dlcli.batch.sources.watch import Watch
from dlcli.batch.writers import FailureLines, JsonLines, PeopleLines, RunFiles, SummaryLines, Writer
from dlcli.console import Console
from dlcli.errors import ExitCode, UsageError
from dlcli.imaging.steps.chain import format_steps, parse_steps
from dlcli.messages import as_text
from dlcli.progress import Progress
from dlcli.records import Source
from dlcli.runtime.parallel import Barrier, in_order
from dlcli.runtime.threads import default_threads
from dlcli.signals import at_stop, start_listening, unbroken
from dlcli.stopwatch import Stage, stage
from dlcli.tasks.contract import Predictor
from dlcli.tasks.labels import chosen_classes

KEPT_BYTES = 8 << 20


def run_plan(plan: Plan, console: Console) -> ExitCode:
    """Open the model, send every image on its way, write every record, report."""
    with profiled(plan.batch.profile, console) as profile:
        with stage(Stage.OPENING):
            run = open_run(plan, console, profile)
            processor = processor_of(run)
            writers = open_writers(run)

        def cut_short(word: str) -> str:
            close_writers(writers, complete=False)
            return cut_short_sentence(word, run)

        with at_stop(cut_short):
            with stage(Stage.IMAGES):
                send_all(run, processor, writers)
            with stage(Stage.ENDING):
                return finish_run(run)


def send_all(run: Run, processor: ImageProcessor, writers: list[Writer]) -> None:
    """Every image on its way, every record to the writers, which are closed at the end."""
    complete = False
    try:
        write_run_outputs(run.plan, run.predictor)
        sources, total = sources_of(run, processor)
        with bar_of(run, total) as bar:
            for done in outcomes_of(run, processor, sources):
                with unbroken(), stage(Stage.RECORDS):
                    emit(run, done, writers)
                bar.step()
                if run.stopped:
                    break
        if not run.stopped:
            write_final_outputs(run)
            complete = True
    finally:
        close_writers(writers, complete)


def outcomes_of(run: Run, processor: ImageProcessor, sources: Iterable[Source | Barrier | None]) -> Iterator[Outcome]:
    """In input order, by threads of this process or by those of a cluster."""
    if run.plan.batch.on:
        from dlcli.batch.cluster.on_ray import process_on_ray

        yield from process_on_ray(run, processor, run.plan.sources)
        return
    process = processor.process if run.profile is None else run.profile.timed(processor.process)
    for _, done in in_order(process, sources, run.workers):
        yield done


def bar_of(run: Run, total: int | None) -> AbstractContextManager[Progress]:
    """A bar over the images; a word on what is waited for instead, where no end is known."""
    batch = run.plan.batch
    if batch.watch:
        run.console.say(f"watching {as_text((batch.sources or ['.'])[0])}; Ctrl-C to stop")
        return nullcontext(Progress())
    if total is None and run.console.shows_progress:  # videos are opened for it, which takes time
        total = announced(run.plan.sources, batch.every)
    return run.console.progress(run.plan.task.name, total)


def close_writers(writers: list[Writer], complete: bool) -> None:
    """Each once, whoever comes first."""
    with unbroken():
        while writers:
            writers.pop(0).close(complete)


def sources_of(run: Run, processor: ImageProcessor) -> tuple[Iterable[Source | Barrier | None], int | None]:
    """The images as they come, and how many if that is known: not of videos, nor of folders that are watched."""
    plan, batch = run.plan, run.plan.batch
    if batch.watch:
        (folder,) = batch.sources or [""]
        names = partial(plan.task.output_names, saves=plan.saves)
        stop = start_listening()
        return Watch(folder, batch.recursive, batch.out, lambda: bool(stop.signal), names).sources(), None
    if not plan.open_ended:
        return held(plan.sources, ahead=run.memory is None), len(plan.sources)
    frames = with_frames(plan.sources, batch.every, processor.budget, processor.memory)
    return held(frames, ahead=False), None


def open_run(plan: Plan, console: Console, profile: Profile | None = None) -> Run:
    """The model, on as many threads as there are; what people should know of the steps is reported."""
    began = time.monotonic()
    threads = 1 if plan.batch.on else plan.batch.threads or default_threads()  # the model is asked for its name alone
    workers = threads if plan.open_ended else max(1, min(threads, len(plan.sources)))
    keep_freed_memory()
    cv2.setNumThreads(1 if workers > 1 else threads)  # several images have one each; more would wait for each other
    bound_networks_of(plan)
    predictor = plan.task.load(plan.options, threads if workers == 1 else 1, workers)
    predictor.console = console
    predictor.group(plan.groups)
    plan.groups.check(predictor.labels)
    if plan.matching is not None:
        labels, unasked = predictor.labels, left_out(plan, predictor)
        check_gate(plan.matching.gate, plan.task.name, labels, plan.task.needs_out, unasked, plan.groups)
    plan.gates.check(plan.task.name, predictor.labels, plan.task.needs_out, left_out(plan, predictor))
    steps = parse_steps(predictor.pre) if plan.steps is None else plan.steps
    if format_steps(steps) != predictor.pre and predictor.pre:
        console.say(f"the model was trained with --pre '{predictor.pre}'; other steps may cost accuracy")
    if plan.batch.pre is None and plan.steps:
        console.say(f"--pre '{format_steps(steps)}'")  # what the task's own options come to
    report = Report(plan.task.summary(), plan.batch.skip_bad)
    report.summary.groups = plan.groups
    wanted = bool(plan.reports) or bool(set(plan.saves) & set(plan.task.final_saves))
    records: list[dict[str, Any]] | None = [] if wanted else None
    found = fingerprint(plan, predictor.model)
    run = Run(plan, console, predictor, steps, workers, found, report, records, skipped=plan.skipped.copy())
    run.began, run.profile = began, profile
    if profile is not None:
        profile.workers = workers
    return run


def left_out(plan: Plan, predictor: Predictor) -> list[str]:
    """Labels of the model that the options do not ask for."""
    words = (getattr(plan.options, name, "") for name in ("classes", "exclude_classes"))
    chosen = chosen_classes(predictor.labels, *words) or ()
    return [label for label, asked in zip(predictor.labels, chosen, strict=False) if not asked]


def processor_of(run: Run) -> ImageProcessor:
    plan, batch = run.plan, run.plan.batch
    if batch.resume and batch.out:
        run.earlier = EarlierRun(batch.out, plan.names, run.found)
        if not batch.watch:
            run.earlier.refuse_others(plan.sources)
        refuse_moved(batch.out, run.earlier.states, plan.sources, plan.written)
    shard = None
    if plan.shard is not None:
        shard = {"of": len(plan.every), "run": digest_of_run(run.found, (source.name for source in plan.every))}
    run.memory = memory_limit(plan, run.predictor, run.steps, run.workers)
    return ImageProcessor(plan, run.predictor, run.steps, PixelBudget(), run.memory, run.earlier, shard)


def emit(run: Run, done: Outcome, writers: list[Writer]) -> None:
    """An image that is done, at its turn."""
    done = replace(done, record=run.predictor.on_record(done.record))
    for writer in writers:
        writer.write(done)
    run.report.add(done.record)
    run.reused += done.reused
    run.skipped.add(PAGES, done.pages)
    if done.failure and not (run.earlier and run.earlier.failed(done.source)):
        run.new_failures += 1
    run.plan.gates.add(done.record)
    if done.state is not None and not run.plan.open_ended:
        run.written = tuple(done.state.get("files", ()))
    if run.records is not None:
        run.records.append(done.record)
        if run.memory is not None:
            html = any(spec.kind == "html" for spec in run.plan.reports)
            run.memory.keep(len(done.line), html and run.report.images <= THUMBNAILS)
    run.digest.update(untimed(done).encode() + b"\n")


def untimed(done: Outcome) -> str:
    """The record's line without what differs between equal runs."""
    if "timings" not in done.record:
        return done.line
    return to_line({name: value for name, value in done.record.items() if name != "timings"})


def cut_short_sentence(word: str, run: Run) -> str:
    """How far the run came, and how it goes on. word: what happened to it."""
    many = "" if run.plan.open_ended else f" of {len(run.plan.sources)}"
    more = "; go on with --resume" if can_resume(run.plan) else ""
    return f"{word} after {run.report.images}{many} images{more}"


def can_resume(plan: Plan) -> bool:
    """Whether --resume would go on with the run; some options do not go together with it."""
    if plan.batch.out is None or plan.file is not None:
        return False
    try:
        plan.task.check_inputs(plan.options, replace(plan.batch, resume=True, overwrite=False), [], [])
    except UsageError:
        return False
    return True


def keep_freed_memory() -> None:
    """Have glibc keep what one image frees for the next, instead of giving it back and asking for it again.

    Its limits follow the largest block that was freed (mallopt(3), M_MMAP_THRESHOLD). That saves `preprocess` a tenth
    of its time on images of 500 pixels; the block itself is never touched, so costs nothing.
    """
    np.empty(KEPT_BYTES, np.uint8)


def write_run_outputs(plan: Plan, predictor: Predictor) -> None:
    """The files of the run as a whole, such as the legend of its masks."""
    if plan.files is not None and plan.file is None:
        for name, data in predictor.run_outputs(plan.saves):
            plan.files.write_of_run(name, data)


def write_final_outputs(run: Run) -> None:
    """The files that are made of all records, such as coco.json."""
    files = run.plan.files
    if files is not None and run.plan.file is None and run.records is not None:
        for name, data in run.predictor.final_outputs(run.plan.saves, run.records):
            files.write_of_run(name, data)


def mode_of(batch: BatchOptions) -> str:
    """What RunFiles is to do with an earlier run."""
    if batch.resume:
        return "watch" if batch.watch else "resume"
    return "overwrite" if batch.overwrite else "new"


def open_writers(run: Run) -> list[Writer]:
    plan, console, batch = run.plan, run.console, run.plan.batch
    writers: list[Writer] = []
    if plan.matching is not None:
        run.matching = MatchingFiles(plan.matching, plan.groups)
        writers.append(run.matching)
    if plan.files is not None and plan.file is None:
        head = {"fingerprint": run.found, ROOT: root_of(plan.sources)}
        writers.append(RunFiles(plan.names, head, mode_of(batch), plan.files, run.skipped.counts))
        if plan.videos:  # which are whole before the run's own files are
            writers.insert(-1, FrameVideos(plan.files, batch.every))
    if run.predictor.lines_of_run and not batch.json:
        failures: list[Writer] = (
            [FailureLines(console)] if console.quiet and not batch.skip_bad else []
        )  # else among the lines
        return [*failures, *writers, SummaryLines(console, run.predictor)]
    single = plan.single
    if sys.stdout is None and plan.files is not None:  # what was found is in the files
        return [FailureLines(console), *writers]
    writers.append(JsonLines(console) if batch.json else PeopleLines(console, single))
    return [FailureLines(console), *writers]
