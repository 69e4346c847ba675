"""The state of a training, to go on from: last.pt, each time whole. The weights to use are in nets.weights."""

import io
import warnings
from pathlib import Path
from typing import Any

import torch

from dlcli.errors import DataError
from dlcli.spelling import keys_of_today
from dlcli.whole_file import write_whole

LAST = "last.pt"
ANEW = "start a new run in another --out"
KINDS: dict[str, Any] = {
    **dict.fromkeys(("net", "ema", "optimizer", "sums", "config", "data"), dict),
    **dict.fromkeys(("ema_steps", "epoch", "step", "total"), int),
    "best": int | float,
    "history": list,
    "random": torch.Tensor,
}


def save_checkpoint(run: Path, state: dict[str, Any]) -> None:
    """Write the state (tensors, numbers, texts, lists, dicts) as RUN/last.pt."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_whole(run / LAST, buffer.getvalue())


def load_checkpoint(run: Path) -> dict[str, Any]:
    """The state of RUN/last.pt; nothing in it is executed. DataError where it is missing or unreadable."""
    path = run / LAST
    if not path.exists():
        raise DataError(f"{path}: no checkpoint there to resume from; start without --resume")
    if not path.is_file():  # opening a FIFO would wait for ever
        raise DataError(f"{path}: expected a checkpoint of dlcli train, got a folder or a special file; {ANEW}")
    try:
        with warnings.catch_warnings(action="ignore"):  # about pickles of another protocol
            return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises its own, zipfile's and pickle's, and advises to trust the file
        what = "a damaged file, or one with other things than tensors, which are not loaded"
        raise DataError(f"{path}: expected a checkpoint of dlcli train, got {what}; {ANEW}") from error


def training_state(run: Path) -> dict[str, Any]:
    """The same of a training. DataError: it is of another kind (training/run.py sees whether it fits)."""
    state = _in_todays_spelling(load_checkpoint(run))
    flaw = _flaw(state)
    if flaw:
        raise DataError(f"{run / LAST}: expected a checkpoint of dlcli train, got {flaw}; {ANEW}")
    return state


def _in_todays_spelling(state: Any) -> Any:
    """Options and data as earlier versions named them."""
    if isinstance(state, dict):
        state |= {name: keys_of_today(state[name]) for name in ("config", "data") if isinstance(state.get(name), dict)}
    return state


def _flaw(state: Any) -> str:
    """What is not as `save_checkpoint` was given it; "" if nothing."""
    if not isinstance(state, dict):
        return f"a {type(state).__name__}"
    for name, kind in KINDS.items():
        value = state.get(name)
        if not isinstance(value, kind) or (kind is int and (isinstance(value, bool) or value < 0)):
            return f"{name} as {type(value).__name__}" if name in state else f"one without {name}"
    if not all(isinstance(value, float) for value in state["sums"].values()):
        return "sums that are not numbers"
    if not all(isinstance(row, dict) and all(map(_is_measure, row.items())) for row in state["history"]):
        return "a history that is not a list of metrics"
    if set(state["data"]) != {"labels", "images"} or not all(isinstance(v, list) for v in state["data"].values()):
        return "data without labels and images"
    return ""


def _is_measure(item: tuple[Any, Any]) -> bool:
    return isinstance(item[0], str) and isinstance(item[1], int | float)
