"""Going on with a run: the same options, the same data, the state of RUN/last.pt."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from dlcli.errors import UsageError
from dlcli.training.checkpoint import LAST, training_state
from dlcli.training.options import TrainingOptions

FREE = {"resume", "quiet", "workers", "threads", "checkpoint_minutes", "out", "data"}  # may change in between


class Data(Protocol):
    """A labeled set, whatever its labels are for."""

    @property
    def labels(self) -> tuple[str, ...]: ...

    @property
    def items(self) -> Sequence[Any]:
        """Each with a `path`."""


def check_run_folder(options: Any) -> None:
    """UsageError: --resume without a run, or a new run over an old one. options: with `out` and `resume`."""
    last = options.out / LAST
    if options.resume and not last.exists():
        raise UsageError(f"--resume: {last} is not there; start the run without --resume")
    if not options.resume and last.exists():
        raise UsageError(f"{options.out} holds a run already; choose another --out, or go on with --resume")


def plain(options: Any) -> dict[str, Any]:
    """The options of a training, a dataclass, as JSON has them."""
    return {k: str(v) if isinstance(v, (Path, str)) else v for k, v in asdict(options).items()}


def data_facts(data: Data) -> dict[str, Any]:
    """What a run's order and network depend on: labels, and the images' names in order."""
    return {"labels": list(data.labels), "images": [image.path.name for image in data.items]}


def matching_checkpoint(options: TrainingOptions) -> dict[str, Any]:
    """RUN/last.pt, if it was made with the same options. UsageError names the first that differs. DataError: it is no
    state of a training."""
    saved = training_state(options.out)
    before = saved["config"]
    for name, value in plain(options).items():
        if name not in FREE and before.get(name) != value:
            option = "--" + name.strip("_").replace("_", "-")
            raise UsageError(
                f"--resume: {option} was {before.get(name)} in {options.out}, now {value}; "
                "give what the run was started with"
            )
    return saved


def check_same_data(saved: dict[str, Any], options: TrainingOptions, train: Data) -> None:
    """UsageError where the images or labels are no longer those that the run began with."""
    now = data_facts(train)
    for name, before in saved["data"].items():
        if before != now[name]:
            raise UsageError(
                f"--resume: {options.data} has other {name} than when {options.out} was started "
                f"({len(before)} then, {len(now[name])} now); give the same data, or start a new run"
            )
