"""A network's weights as safetensors, with the card that says how to feed it; training, export and torch predictors."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from dlcli.card import ModelCard
from dlcli.distribution import install_command
from dlcli.errors import DataError, MissingError
from dlcli.whole_file import write_whole

CARD_KEY = "dlcli.card"  # in the file's metadata, as in an .onnx file


def save_weights(path: Path, net: nn.Module, half: bool = False, card: ModelCard | None = None) -> None:
    """Write the network's weights, those that two names share once. half: as float16, half the size.

    card: goes into the file's metadata, so that it can be used without its run.
    """
    from safetensors.torch import save

    tensors: dict[str, Tensor] = {}
    seen = set()
    for name, value in net.state_dict().items():
        if value.data_ptr() in seen and value.numel():
            continue
        seen.add(value.data_ptr())
        halved = half and value.dtype == torch.float32
        tensors[name] = value.detach().to(torch.float16 if halved else value.dtype).contiguous()
    write_whole(path, save(tensors, {CARD_KEY: card.to_json()} if card else None))


def load_weights(path: Path, net: nn.Module, partial: bool = False) -> list[str]:
    """Set the network's weights from a safetensors file; the names that were left as they are.

    partial: tensors whose shape differs (another number of classes) or that are missing stay as they are, and those
    that the network does not have are left out; otherwise each of these raises DataError.
    """
    stored = read_weights(path)
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
    differ = left + [name for name in stored if name not in ours]
    if differ and not partial:
        raise DataError(f"{path}: does not fit the network: {len(differ)} tensors differ, the first is {differ[0]}")
    return left


def read_weights_card(path: Path) -> ModelCard | None:
    """The card in a safetensors file's metadata, None where it has none. DataError: the file or card is unusable."""
    safe_open = _safetensors().safe_open
    try:
        with safe_open(path, "pt") as file:
            text = (file.metadata() or {}).get(CARD_KEY)
    except Exception as error:  # safetensors' error class is an Exception without a public base
        raise DataError(f"{path}: expected a safetensors file, got: {error}") from error
    try:
        return None if text is None else ModelCard.from_json(text)
    except ValueError as error:
        raise DataError(f"{path}: its dlcli card cannot be used: {error}; export the run again") from error


def read_weights(path: Path) -> dict[str, Tensor]:
    """The tensors of a safetensors file by name. DataError: it is none."""
    load = _safetensors().torch.load
    try:
        return load(path.read_bytes())
    except Exception as error:
        raise DataError(f"{path}: expected a safetensors file, got: {error}") from error


def _safetensors() -> Any:
    try:
        import safetensors.torch
    except ImportError:
        advice = install_command("train")
        raise MissingError(f"reading .safetensors needs the extra [train]; run: {advice}") from None
    return safetensors
