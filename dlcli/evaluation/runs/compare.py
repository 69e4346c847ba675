"""What two or more runs differ in: options, data, versions, and what came of it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dlcli.evaluation.runs.summary import RunSummary

OF_ONE_RUN = ("out", "resume", "quiet", "debug", "config", "from_run")
Row = tuple[str, tuple[Any, ...]]  # a name, and its value in each run, None where a run has none


def differences(runs: Sequence[RunSummary]) -> list[Row]:
    """Options, then the data and the versions, of which not all runs have the same, by name."""
    options = _differing(runs, lambda run: {n: v for n, v in run.options.items() if n not in OF_ONE_RUN})
    facts = _differing(runs, lambda run: {"data fingerprint": run.data, **run.versions})
    return [(option_name(name), values) for name, values in options] + facts


def results(runs: Sequence[RunSummary]) -> list[Row]:
    """What came of each: the best metric, epochs, seconds, and the losses and metrics of the last epoch."""
    first = [
        ("metric", tuple(run.metric or None for run in runs)),
        ("best", tuple(run.best for run in runs)),
        ("best epoch", tuple(run.best_epoch for run in runs)),
        ("epochs", tuple(run.epochs for run in runs)),
        ("seconds", tuple(run.seconds for run in runs)),
    ]
    names = dict.fromkeys(name for run in runs for name in run.last if name != "epoch")
    return [*first, *((f"last {name}", tuple(run.last.get(name) for run in runs)) for name in names)]


def _differing(runs: Sequence[RunSummary], facts: Callable[[RunSummary], Mapping[str, Any]]) -> list[Row]:
    found = [facts(run) for run in runs]
    rows = [(name, tuple(each.get(name) for each in found)) for name in dict.fromkeys(n for f in found for n in f)]
    return [(name, values) for name, values in rows if any(value != values[0] for value in values)]


def option_name(name: str) -> str:
    """ "lr_steps" -> "--lr-steps"."""
    return "DATA" if name == "data" else "--" + name.strip("_").replace("_", "-")
