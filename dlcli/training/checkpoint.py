"""RUN's files beside the weights: last.pt, the state to go on from, each time whole, and config.json."""

import io
import json
import os
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from dlcli import __version__
from dlcli.card import ModelCard
from dlcli.data.dataset import Dataset
from dlcli.data.splits.held_out import NAME as SPLIT
from dlcli.errors import DataError, UsageError
from dlcli.models.run_folder import BEST, CONFIG, RUN_RECORD
from dlcli.spelling import keys_of_today
from dlcli.training.options import TrainingOptions
from dlcli.whole_file import write_text, write_whole

LAST = "last.pt"
WRITTEN = (
    *(
        CONFIG,
        RUN_RECORD,
        BEST,
        LAST,
        SPLIT,
        "metrics.csv",
        "curves.png",
        "confusion.png",
        "classes.csv",
        "sheet.png",
        "batch.png",
        "best.png",
        "worst.png",
        "report.html",
        "samples",
        "tensorboard",
    ),
)
FILLED = ("samples", "weak-masks", "tensorboard")  # folders of a run; masks that are there already stay
NAMED = 3  # files named in a message
ANOTHER = "choose another --out"
START_OVER = "start a new run in another --out"
KINDS: dict[str, Any] = {
    **dict.fromkeys(("net", "ema", "optimizer", "sums", "config"), dict),
    **dict.fromkeys(("ema_steps", "epoch", "step", "total"), int),
    "best": int | float,
    "history": list,
    "random": torch.Tensor,
}


def save_checkpoint(run: Path, state: Mapping[str, Any]) -> None:
    """Write the state (tensors, numbers, texts, lists, dicts) as RUN/last.pt."""
    buffer = io.BytesIO()
    torch.save(dict(state), buffer)
    write_whole(run / LAST, buffer.getvalue())


def load_checkpoint(run: Path) -> dict[str, Any]:
    """The state of RUN/last.pt; nothing in it is executed. DataError where it is missing or unreadable."""
    path = run / LAST
    if not path.exists():
        raise DataError(f"{path}: no checkpoint there to resume from; start without --resume")
    if not path.is_file():  # opening a FIFO would wait for ever
        raise DataError(f"{path}: expected a checkpoint of dlcli train, got a folder or a special file; {START_OVER}")
    try:
        with warnings.catch_warnings(action="ignore"):  # about pickles of another protocol
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises its own, zipfile's and pickle's, and advises to trust the file
        what = "a damaged file, or one with other things than tensors, which are not loaded"
        raise DataError(f"{path}: expected a checkpoint of dlcli train, got {what}; {START_OVER}") from error


def training_state(run: Path) -> dict[str, Any]:
    """The same of a training. DataError: it is of another kind (TrainingState.restore sees whether it fits)."""
    state = _in_todays_spelling(load_checkpoint(run))
    problem = problem_of(state)
    if problem:
        raise DataError(f"{run / LAST}: expected a checkpoint of dlcli train, got {problem}; {START_OVER}")
    return state


def _in_todays_spelling(state: Any) -> Any:
    """Options and data as earlier versions named them."""
    if isinstance(state, dict):
        state |= {name: keys_of_today(state[name]) for name in ("config", "data") if isinstance(state.get(name), dict)}
    return state


def problem_of(state: Any) -> str:
    """What is not as `save_checkpoint` was given it; "" if nothing."""
    if not isinstance(state, dict):
        return f"a {type(state).__name__}"
    for name, kind in KINDS.items():
        value = state.get(name)
        if not isinstance(value, kind) or (kind is int and (isinstance(value, bool) or value < 0)):
            return f"{name} as {type(value).__name__}" if name in state else f"one without {name}"
    if not all(isinstance(value, float) for value in state["sums"].values()):
        return "sums that are not numbers"
    if not all(isinstance(row, dict) and all(map(_is_metric, row.items())) for row in state["history"]):
        return "a history that is not a list of metrics"
    if not _is_data(state.get("data", {"labels": [], "images": []})):
        return "data without labels and images"
    return ""


def good_checkpoint(run: Path) -> str:
    """Which state of a run that diverged can be used, in words."""
    saved = load_checkpoint(run)
    weights = [value for value in saved["net"].values() if value.is_floating_point()]
    if not all(bool(value.isfinite().all()) for value in weights):
        return f"{run / LAST}, of step {saved['total']}, has such weights already"
    return f"the last good checkpoint is {run / LAST}, of step {saved['total']}"


def _is_metric(item: tuple[Any, Any]) -> bool:
    return isinstance(item[0], str) and isinstance(item[1], int | float)


def _is_data(data: Any) -> bool:
    names = {"labels", "images"}
    return isinstance(data, dict) and set(data) == names and all(isinstance(value, list) for value in data.values())


def check_run_folder(options: Any) -> None:
    """UsageError: --resume without a run, a new run over an old one or over files that no run here is known to have
    written, or a file of the run that is a link. options: with `out` and `resume`."""
    out, last = options.out, options.out / LAST
    if options.resume and not last.exists():
        raise UsageError(f"--resume: {last} is not there; start the run without --resume")
    if not options.resume and last.exists():
        raise UsageError(f"{out} holds a run already; choose another --out, or go on with --resume")
    if not options.resume:
        there = [name for name in WRITTEN if os.path.lexists(out / name)]
        if there:
            raise UsageError(f"--out {out}: {_first(there)} there already, which training would replace; {ANOTHER}")
    links = list(_links_in(out))
    if links:
        raise UsageError(f"--out {out}: {_first(links)} reached through a link, which may lead elsewhere; {ANOTHER}")


def refuse_in_data(out: Path, data: Path) -> None:
    """UsageError: the run's folder would lie in the data set, and be read as a part of it the next time."""
    if data.is_dir() and out.resolve().is_relative_to(data.resolve()):
        raise UsageError(f"--out {out}: lies in the data set {data}, where it would be read as a part of it; {ANOTHER}")


def _links_in(out: Path) -> Iterator[str]:
    """Files and folders of a run that are links, dangling ones too, by their names below `out`."""
    for name in dict.fromkeys((*WRITTEN, *FILLED)):
        path = out / name
        if path.is_symlink():
            yield name
        elif name in FILLED and path.is_dir():
            yield from (f"{name}/{below.name}" for below in sorted(path.iterdir()) if below.is_symlink())


def _first(names: list[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more + (" is" if len(names) == 1 else " are")


def plain(options: Any) -> dict[str, Any]:
    """The options of a training, a dataclass, as JSON has them."""
    return {k: str(v) if isinstance(v, (Path, str)) else v for k, v in asdict(options).items()}


def data_facts(data: Dataset[Any]) -> dict[str, list[str]]:
    """What a run's order and network depend on: labels, and the images' names in order."""
    return {"labels": list(data.labels), "images": [item.path.name for item in data.items]}


def training_facts(options: TrainingOptions, data: Dataset[Any]) -> dict[str, Any]:
    """What a card says of its training, whatever the labels are for."""
    return {
        "data": options.data.resolve().name,
        "split": options.split,
        "images": len(data.items),
        "epochs": options.epochs,
        "seed": options.seed,
        "dlcli": __version__,
    }


def card_name(folder: str) -> str:
    """A folder's name as a card may have it: letters, digits, ".", "_" and "-", the first a letter or digit."""
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "-" for c in folder.lower())
    return kept.lstrip("._-") or "run"


def write_config(options: Any, card: ModelCard) -> None:
    """RUN/config.json: the card, and the options that the run was started with. options: a dataclass with `out`."""
    config = {
        "dlcli": __version__,
        "task": card.task,
        "options": plain(options),
        "card": json.loads(card.to_json()),
    }
    write_text(options.out / CONFIG, json.dumps(config, indent=1) + "\n")
