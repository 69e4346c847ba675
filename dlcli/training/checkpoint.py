"""The state of a training, to go on from: last.pt, each time whole. The weights to use are in nets.weights."""

import io
from pathlib import Path
from typing import Any

import torch

from dlcli.errors import DataError
from dlcli.whole_file import write_whole

LAST = "last.pt"


def save_checkpoint(run: Path, state: dict[str, Any]) -> None:
    """Write the state (tensors, numbers, texts, lists, dicts) as RUN/last.pt."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_whole(run / LAST, buffer.getvalue())


def load_checkpoint(run: Path) -> dict[str, Any]:
    """The state of RUN/last.pt; nothing in it is executed. DataError where it is missing or unreadable."""
    path = run / LAST
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise DataError(f"{path}: no checkpoint there to resume from; start without --resume") from None
    except Exception as error:
        raise DataError(f"{path}: expected a checkpoint of dlcli train, got: {error}") from error
