"""What a run leaves on disk, each file whole: last.pt to go on from, best.safetensors to use."""

import io
from pathlib import Path
from typing import Any

import torch
from torch import nn

from dlcli.errors import DataError
from dlcli.whole_file import write_whole

LAST, BEST = "last.pt", "best.safetensors"


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


def save_weights(path: Path, net: nn.Module, half: bool = False) -> None:
    """The network's weights as safetensors; shared ones once. half: as float16, half the size."""
    from safetensors.torch import save

    tensors, seen = {}, set()
    for name, value in net.state_dict().items():
        if value.data_ptr() in seen and value.numel():
            continue
        seen.add(value.data_ptr())
        halved = half and value.dtype == torch.float32
        tensors[name] = value.detach().to(torch.float16 if halved else value.dtype).contiguous()
    write_whole(path, save(tensors))


def load_weights(path: Path, net: nn.Module, partial: bool = False) -> list[str]:
    """Set the network's weights from a safetensors file; the names that were left as they are.

    partial: tensors whose shape differs (another number of classes) or that are missing stay as they are;
    otherwise they raise DataError.
    """
    from safetensors.torch import load

    try:
        stored = load(path.read_bytes())
    except Exception as error:
        raise DataError(f"{path}: expected a safetensors file, got: {error}") from error
    ours = net.state_dict()
    groups: dict[int, list[str]] = {}
    for name, value in ours.items():
        groups.setdefault(value.data_ptr() if value.numel() else id(value), []).append(name)
    left = []
    for names in groups.values():
        source = next((n for n in names if n in stored), None)
        if source is None or stored[source].shape != ours[names[0]].shape:
            left += names
        else:
            ours[names[0]].copy_(stored[source])
    if left and not partial:
        raise DataError(f"{path}: does not fit the network: {len(left)} tensors differ, the first is {left[0]}")
    return left
