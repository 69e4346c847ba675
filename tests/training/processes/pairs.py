"""`python -m tests.training.processes.pairs PLACE`: trainings by two processes each, forked off one that has torch.

Below PLACE, for each: NAME/run, the run's folder, and NAME/process-0.txt and process-1.txt, what that process wrote,
with its exit code in the last line. test_together.py reads them.
"""

import os
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from rich.console import Console

from dlcli.cli.app import run
from dlcli.runtime.native_stderr import private_stderr
from dlcli.signals import arrive
from dlcli.training import fit, labeled
from dlcli.training.classify import recipe as classify
from dlcli.training.optimization.names import OptimizerName
from tests.training.cases import CASES, Case, watched

CLASSIFY = next(case for case in CASES if case.name == "classify")
WITHOUT_BATCH_NORM = {
    "net": "vit-micro",
    "batch": 4,
    "epochs": 3,
    "freeze": "0",
    "optimizer": OptimizerName.MOMENTUM,
    "lr": 0.01,
    "mixup": 0.0,
    "cutmix": 0.0,
}
VIT = replace(CLASSIFY, small=CLASSIFY.small | WITHOUT_BATCH_NORM, images=(4, 1))
EVEN = {"batch": 4}
Starts = Mapping[int, Mapping[int, Callable[[], object]]]  # process -> step -> what happens in it


def end_at_once() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(place: Path) -> None:
    import_module("torch._dynamo")  # which every optimizer loads, and which takes longer than the learning too
    labeled.draw_curves = classify.write_confusion = lambda *_: None  # which take longer than the learning here
    cases = {case.name: case for case in (*CASES, VIT)}
    data = {name: case.write(place / f"{name}-data", *case.images) for name, case in cases.items()}
    for case in CASES:
        if case.metric and case is not CLASSIFY:
            small = replace(case, small=case.small | EVEN, images=(5, 1))
            pair(small, data[case.name], place / case.name)
    pair(VIT, data[VIT.name], place / "two")
    pair(VIT, data[VIT.name], place / "accumulated", accumulate=2, batch=2)
    for name, happens in (("lost", end_at_once), ("stopped", partial(arrive, signal.SIGTERM))):
        pair(VIT, data[VIT.name], place / name, {1: {5: happens}})
        keep_words(place / name, "first")
        pair(VIT, data[VIT.name], place / name, resume=True)
    pair(VIT, data[VIT.name], place / "uneven", batch=3)
    style = CASES[-1]
    pair(style, data[style.name], place / style.name)


def keep_words(place: Path, name: str) -> None:
    """PLACE-NAME has what the processes wrote so far."""
    (place.parent / f"{place.name}-{name}").mkdir()
    for rank in range(2):
        (place / f"process-{rank}.txt").rename(place.parent / f"{place.name}-{name}" / f"process-{rank}.txt")


def pair(case: Case, data: Path, place: Path, starts: Starts = {}, **more: Any) -> None:  # noqa: B006  # never changed
    """One training by two processes, to their end."""
    place.mkdir(exist_ok=True)
    options = case.given(data, place / "run", **{"dropout": None, **more} if case.metric else more)
    port = free_port()
    children = [fork(case, replace(options, quiet=False), rank, port, starts.get(rank, {})) for rank in range(2)]
    for rank, child in enumerate(children):
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        with (place / f"process-{rank}.txt").open("a") as file:
            file.write(f"exit code {code}\n")


def fork(case: Case, options: Any, rank: int, port: int, at: Mapping[int, Callable[[], object]]) -> int:
    """The number of a process that trains, with all it writes in a file."""
    child = os.fork()
    if child:
        return child
    file = os.open(options.out.parent / f"process-{rank}.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(file, 1)
    os.dup2(file, 2)
    where = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    os.environ |= where | dict.fromkeys(("WORLD_SIZE", "LOCAL_WORLD_SIZE"), "2")
    os.environ |= dict.fromkeys(("RANK", "LOCAL_RANK"), str(rank))
    recipe = watched(case.recipe, at)
    with private_stderr():
        code = run(lambda *_, **__: fit.train(recipe, options, Console(stderr=True, width=400)), [])
    sys.stderr.flush()
    os._exit(code)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
