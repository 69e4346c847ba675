"""`--device`: where a network learns; its weights, their average, each batch and the loss move there."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

import torch
from torch import Tensor

from dlcli.errors import UsageError
from dlcli.training.processes.rank import Rank, this_rank

CPU = torch.device("cpu")
AUTO = "auto"
RANDOM = "random_device"  # in a checkpoint: the state of the device's own random numbers


def available() -> tuple[str, ...]:
    """The devices of this machine as `--device` names them, the fastest first: ("cuda:0", "cuda:1", "cpu")."""
    cuda = [f"cuda:{number}" for number in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    mps = ["mps"] if torch.backends.mps.is_available() else []
    return (*cuda, *mps, "cpu")


def training_device(name: str) -> torch.device:
    """ "auto", "cpu", "cuda", "cuda:1" or "mps" -> the device. UsageError: it is not of this machine.

    Of several processes each has a GPU of its own: the first the first.
    """
    here, rank = available(), this_rank()
    if rank.local_count > 1 and name.startswith("cuda:"):
        raise UsageError(f"--device {name}: of several processes each takes a GPU of its own; pass --device cuda")
    own = f"cuda:{rank.local}"
    wanted = {AUTO: own if here[0] == "cuda:0" else here[0], "cuda": own}.get(name, name)
    if wanted not in here:
        raise UsageError(f"--device {name}: {_expected(here, rank)}")
    return torch.device(wanted)


def _expected(here: tuple[str, ...], rank: Rank) -> str:
    gpus = len([name for name in here if name.startswith("cuda:")])
    if gpus and rank.local_count > gpus:
        return f"{rank.local_count} processes on this machine, which has {gpus} GPUs; start one for each, or on the cpu"
    return f"expected one of {', '.join((AUTO, *here))} on this machine"


def described(device: torch.device, threads: int, processes: int = 1) -> str:
    """ "cpu, 2 threads", "cuda:0 (NVIDIA H200)", "2 processes, each on cpu, 1 thread"."""
    if processes > 1:
        return f"{processes} processes, each on {described(device, threads)}"
    if device.type == "cpu":
        return f"cpu, {threads} thread{'s' if threads != 1 else ''}"
    return f"{device} ({torch.cuda.get_device_name(device)})" if device.type == "cuda" else str(device)


def moved(value: Any, device: torch.device) -> Any:
    """A batch on the device: a tensor, or a tuple, list, dict or dataclass of what can be moved; the rest stays."""
    if device.type == "cpu":
        return value
    if isinstance(value, Tensor):
        return value.to(device, non_blocking=True)
    if isinstance(value, tuple | list):
        items = [moved(item, device) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if isinstance(value, dict):
        return {name: moved(item, device) for name, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: moved(getattr(value, f.name), device) for f in fields(value)})
    return value


def random_state_of(device: torch.device) -> dict[str, Tensor]:
    """What a checkpoint keeps of the device's random numbers, beside those of the CPU."""
    if device.type == "cuda":
        return {RANDOM: torch.cuda.get_rng_state(device)}
    return {RANDOM: torch.mps.get_rng_state()} if device.type == "mps" else {}


def restore_random_state(device: torch.device, saved: Mapping[str, Any]) -> None:
    """Nothing where the run was on another device so far."""
    if device.type == "cuda" and RANDOM in saved:
        torch.cuda.set_rng_state(saved[RANDOM], device)
    elif device.type == "mps" and RANDOM in saved:
        torch.mps.set_rng_state(saved[RANDOM])
