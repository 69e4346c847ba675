"""`--resume`: whether a run goes on with the options and the data that it began with."""

from collections.abc import Mapping
from typing import Any

from dlcli.errors import UsageError
from dlcli.evaluation.runs.compare import option_name
from dlcli.training.checkpoint import plain, training_state
from dlcli.training.log import TrainLog

FREE = {  # may change in between
    *("resume", "quiet", "tensorboard", "workers", "threads", "checkpoint_minutes", "out", "data", "device"),
    *("config", "from_run", "debug", "cache"),
}
GROWING = {"epochs"}  # may become more


def matching_checkpoint(options: Any) -> dict[str, Any]:
    """RUN/last.pt, if it was made with the same options. UsageError names those that differ. DataError: it is no
    state of a training."""
    saved = training_state(options.out)
    free = FREE if "data" in saved else FREE - {"data"}  # style models' older runs do not know their images
    before, now = saved["config"], plain(options)
    differ = [name for name in now if name not in free and name in before and not _fits(name, before[name], now[name])]
    if differ:
        listed = ", ".join(f"{option_name(name)} was {before[name]}, now {now[name]}" for name in differ)
        raise UsageError(f"--resume: {options.out} was started with other options: {listed}; leave them out")
    return saved


def _fits(name: str, before: Any, now: Any) -> bool:
    return before == now or (name in GROWING and isinstance(before, int) and now > before)


def say_longer(saved: Mapping[str, Any] | None, options: Any, log: TrainLog) -> None:
    """Where a run goes on for longer than it was to, by what that changes."""
    if saved is None:
        return
    for name in sorted(GROWING):
        before, now = saved["config"].get(name), getattr(options, name, None)
        if before is not None and now is not None and now > before:
            log.say(
                f"--resume: {option_name(name)} grows from {before} to {now}; the learning rate follows the longer "
                "schedule from here on"
            )


def check_same_data(saved: Mapping[str, Any], options: Any, now: Mapping[str, list[str]]) -> None:
    """UsageError where the images or labels, `now`, are no longer those that the run began with."""
    for name, before in saved.get("data", {}).items():
        if before != now[name]:
            raise UsageError(
                f"--resume: {options.data} has other {name} than when {options.out} was started "
                f"({len(before)} then, {len(now[name])} now); give the same data, or start a new run"
            )
