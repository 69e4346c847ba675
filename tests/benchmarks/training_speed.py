"""Images a second of the trainer against a bare loop of forward, backward and step on batches that are in memory.

python -m tests.benchmarks.training_speed [STEPS] [BATCH] [TASK ...]: `sample_data/shapes`, each task at its default
size. The trainer reads, decodes and augments in one worker, clips, averages and checks; the bare loop does none of it.
They take turns, the median of ROUNDS counts. 0.9 is the bar, for a machine that has a core for the worker.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from rich.console import Console

from dlcli.tasks.registry import import_name
from dlcli.training.beginning import new_state
from dlcli.training.cache.names import CacheName
from dlcli.training.loaders import batches
from dlcli.training.log import TrainLog
from dlcli.training.loop import TrainingState, train_epoch
from dlcli.training.plan import Plan
from dlcli.training.registry import all_trainings
from tests.program import SAMPLES

ROUNDS, BAR = 3, 0.9
SETS = {"detect": "shapes", "classify": "shapes.csv", "segment": "shapes"}


def plan_of(name: str, out: Path, batch: int, cache: CacheName) -> Plan:
    """The training as `dlcli train` makes it, by its defaults."""
    training = all_trainings()[name]
    options = training.options(data=SAMPLES / SETS[name], out=out, batch=batch, cache=cache, quiet=True)
    torch.manual_seed(0)
    return import_name(training.recipe)(options, TrainLog(Console(quiet=True), quiet=True), None)


def loaded(plan: Plan, steps: int, workers: int) -> Any:
    """So many batches as of one long epoch, so that a worker starts once."""
    source: Any = plan.batches
    epochs = -(-steps * source.size // len(source.repeats))
    draws = [draw for epoch in range(epochs) for draw in source.draws(epoch)][: steps * source.size]
    return batches(source.samples, draws, source.size, workers)


def bare(plan: Plan, state: TrainingState, kept: list[Any]) -> None:
    for batch in kept:
        state.optimizer.zero_grad(set_to_none=True)
        torch.stack(list(plan.loss(plan.net, batch).values())).sum().backward()
        state.optimizer.step()


def trained(plan: Plan, state: TrainingState, steps: int) -> None:
    train_epoch(state, loaded(plan, steps, workers=1), plan.loss, lambda: None)


def seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure(name: str, steps: int, batch: int, cache: CacheName, place: Path) -> None:
    plan = plan_of(name, place / f"{name}-{cache}", batch, cache)
    state, kept = new_state(plan), list(loaded(plan, steps, workers=0))
    plan.set_training()
    bare(plan, state, kept[:1])  # what happens once
    rounds = [
        (seconds(lambda: bare(plan, state, kept)), seconds(lambda: trained(plan, state, steps))) for _ in range(ROUNDS)
    ]
    alone, whole = (statistics.median(times) for times in zip(*rounds, strict=True))
    images, ratio = steps * plan.batches.size, alone / whole
    verdict = "" if ratio >= BAR else f"  below {BAR}"
    speeds = f"trainer {images / whole:6.1f} img/s  bare {images / alone:6.1f}"
    print(f"{name:9} cache {cache:5} {speeds}  ratio {ratio:.2f}{verdict}")


def main(steps: int = 8, batch: int = 8, *names: str) -> None:
    threads = max(1, len(os.sched_getaffinity(0)))
    torch.set_num_threads(threads)
    print(f"{steps} steps of {batch} images, {threads} core{'s' if threads > 1 else ''}, median of {ROUNDS}")
    with tempfile.TemporaryDirectory() as place:
        for name in names or SETS:
            for cache in (CacheName.NONE, CacheName.RAM):
                measure(name, steps, batch, cache, Path(place))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]), *sys.argv[3:])
