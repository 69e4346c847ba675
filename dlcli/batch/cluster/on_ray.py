"""`--on ray`: the workers are actors of a Ray cluster, one a processor. Ray, of the extra [ray], loads here alone.

Every node needs this version of dlcli, the models, and the images under the names that they have here. Nothing is
reported to anybody: Ray's own statistics are off.
"""

import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

from dlcli.batch.cluster.address import ADDRESS
from dlcli.batch.cluster.groups import groups_of, portable
from dlcli.batch.cluster.schedule import LostError, Schedule
from dlcli.batch.cluster.worker import Files, ImageWorker, Work
from dlcli.batch.image import ImageProcessor, Outcome
from dlcli.batch.options import BatchOptions
from dlcli.batch.run import Run
from dlcli.errors import DlcliError, ImageError, UsageError
from dlcli.records import Failure, Source

START = 120.0  # seconds that workers have to come up


def process_on_ray(run: Run, processor: ImageProcessor, sources: Iterable[Source]) -> Iterator[Outcome]:
    """As a local run, in input order. What --resume has is not sent. DlcliError: no cluster."""
    if not run.predictor.apart:
        raise UsageError("--on: --sort-into puts files where this machine has them; leave one of them out")
    ray = _connected(run.plan.batch)
    try:
        yield from _processed(ray, run, processor, sources)
    finally:
        ray.shutdown()


def _processed(ray: Any, run: Run, processor: ImageProcessor, sources: Iterable[Source]) -> Iterator[Outcome]:
    batch = run.plan.batch
    count = int(ray.cluster_resources().get("CPU", 0))
    count = max(1, min(batch.threads or count, count, len(run.plan.sources)))
    work = ray.put(Work.of(run, processor.shard))
    actor = ray.remote(ImageWorker).options(num_cpus=1, scheduling_strategy="SPREAD", max_restarts=0)
    workers = _started(ray, run, [actor.remote(work, run.plan.files is not None) for _ in range(count)])
    cached: dict[int, Outcome] = {}
    errors = ray.exceptions

    def give(worker: Any, group: list[Source]) -> Any:
        for source in group:
            done = processor.reuse(source)
            if done is not None:
                cached[id(source)] = done
        return worker.answer.remote([portable(source) for source in group if id(source) not in cached])

    def take(ticket: Any) -> list[tuple[Outcome, Files]]:
        try:
            while not ray.wait([ticket], timeout=0.5)[0]:  # so that signals are heard
                pass
            return ray.get(ticket)
        except errors.RayTaskError as error:
            raise error.cause if isinstance(error.cause, DlcliError) else error from None
        except (errors.RayActorError, errors.ObjectLostError, errors.WorkerCrashedError) as error:
            raise LostError from error

    schedule: Schedule[Any, list[Source], Any, list[tuple[Outcome, Files]]] = Schedule(workers, give, take)
    for group, answers in schedule.in_order(groups_of(sources)):
        coming = iter(answers)
        for source in group:
            done = cached.pop(id(source), None)
            yield done if done is not None else _settled(run, processor, source, *next(coming))


def _started(ray: Any, run: Run, workers: list[Any]) -> list[Any]:
    """Those that have come up. DlcliError: none has, or one has another model under this name."""
    asked = {worker.model.remote(): worker for worker in workers}
    ready, late = ray.wait(list(asked), num_returns=len(asked), timeout=START)
    started, why = [], "none came up in time"
    for ticket in ready:
        try:
            model = ray.get(ticket)
        except ray.exceptions.RayError as error:  # its node has gone, or the model cannot be loaded there
            why = _first_line(error)
            continue
        if model != run.predictor.model:
            raise DlcliError(f"--on {run.plan.batch.on}: a node has {model} where {run.predictor.model} is here")
        started.append(asked[ticket])
    for ticket in late:
        ray.kill(asked[ticket])
    if not started:
        raise DlcliError(f"--on {run.plan.batch.on}: no worker can start: {why}")
    return started


def _settled(run: Run, processor: ImageProcessor, source: Source, done: Outcome, files: Files) -> Outcome:
    """The outcome of a worker, its files written here."""
    try:
        for name, data in files:
            assert run.plan.files is not None
            run.plan.files.write(name, data)
    except ImageError as error:
        return processor.failed(source, Failure(error.kind, str(error)))
    return replace(done, source=source)


def _connected(batch: BatchOptions) -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    import ray

    _silence()
    match = ADDRESS.fullmatch(batch.on)
    address = match["host"] if match else None
    own: dict[str, Any] = {"address": address} if address else {"num_cpus": batch.threads or None}
    try:
        ray.init(
            **own, include_dashboard=None if address else False, log_to_driver=False, logging_level=logging.CRITICAL
        )
    except Exception as error:  # of many kinds
        raise DlcliError(f"--on {batch.on}: no cluster answers there: {_first_line(error)}") from error
    return ray


def _silence() -> None:
    """Ray prints what befalls a cluster on standard output, among the records; it has no setting for that."""
    with suppress(ImportError):
        from ray._private import worker

        worker.print_to_stdstream = lambda *args, **named: None


def _first_line(error: BaseException) -> str:
    lines = [line for line in str(error).splitlines() if line.strip()]
    return (lines[-1] if lines else type(error).__name__).strip().rstrip(".")
