"""Several processes that learn as one, by torch's DistributedDataParallel (arXiv:2006.15704).

Each has the whole network and a part of every batch; gradients are averaged as they come out of the backward pass, so
all take the same step. The first process alone measures, writes and speaks.
"""

import io
import json
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from dlcli.errors import DlcliError, ExitCode, SaidElsewhereError, UsageError
from dlcli.training.device import CPU, training_device
from dlcli.training.processes.alone import ALONE, Alone, Loss
from dlcli.training.processes.rank import Rank, this_rank

Made = TypeVar("Made")
LOST = "another process of this training ended, or can no longer be reached; torchrun says which"
QUIET = ("find_unused_parameters=True was specified", "Grad strides do not match")  # of torch, about speed alone
PATIENCE = timedelta(hours=12)  # while the first process validates; one that ended is known at once, by its socket


@contextmanager
def processes(options: Any) -> Iterator[Alone]:
    """Those that torchrun started, joined for one training; Alone where it did not.

    options: those of a training. UsageError: what several processes cannot do, or a device that is not there.
    """
    rank = this_rank()
    if rank.count == 1:
        yield ALONE
        return
    join(rank, options.device)
    group = Together(rank, options.seed)
    try:
        group.device = group.agreed(lambda: own_device(options.device))
        yield group
    except Exception as error:
        if not group.is_loss_of_process(error):
            raise
        raise DlcliError(f"{rank}: {LOST}") from error
    finally:
        dist.destroy_process_group()


def join(rank: Rank, device: str) -> None:
    """DlcliError: the others cannot be reached."""
    on_gpus = device != "cpu" and torch.cuda.is_available()
    try:
        dist.init_process_group("cpu:gloo,cuda:nccl" if on_gpus else "gloo", timeout=PATIENCE)
    except (RuntimeError, ValueError) as error:
        raise DlcliError(f"{rank}: the others cannot be reached: {str(error).strip().splitlines()[0]}") from error


def own_device(name: str) -> torch.device:
    """UsageError: what several processes cannot use, or what is not there."""
    device = training_device(name)
    if device.type == "mps":
        raise UsageError("--device mps: several processes learn on cpu or cuda; pass --device cpu")
    return device


class Together(Alone):
    """Processes that have been joined. A RuntimeError of any method: see is_loss_of_process."""

    device = CPU

    def __init__(self, rank: Rank, seed: int):
        self.rank, self.seed = rank, seed
        self.wrapped: DistributedDataParallel | None = None

    def agreed(self, do: Callable[[], Made]) -> Made:
        failed: DlcliError | None = None
        try:
            made = do()
        except DlcliError as error:
            failed = error
        first = -self.largest(-self.rank.number if failed else -self.rank.count)
        if first == self.rank.count:
            return made
        said = json.loads(self._bytes_of(first, json.dumps([str(failed), getattr(failed, "exit_code", 0)]).encode()))
        raise self._error(failed, first, *said)

    def _error(self, failed: DlcliError | None, first: int, text: str, code: int) -> DlcliError:
        """What this process ends with."""
        if not self.rank.is_first:
            return SaidElsewhereError(ExitCode(code))
        if failed:
            return failed
        error = DlcliError(f"process {first} of {self.rank.count}: {text}")
        error.exit_code = ExitCode(code)
        return error

    def from_first(self, value: Any) -> Any:
        """By torch.save's bytes, of which nothing is executed."""
        buffer = io.BytesIO()
        if self.rank.is_first:
            torch.save(value, buffer)
        return torch.load(io.BytesIO(self._bytes_of(0, buffer.getvalue())), map_location="cpu", weights_only=True)

    def _bytes_of(self, source: int, value: bytes) -> bytes:
        """Those that process `source` gives."""
        length = torch.tensor([len(value)])
        dist.broadcast(length, source)
        buffer = torch.empty(int(length), dtype=torch.uint8)
        if self.rank.number == source:
            buffer = torch.frombuffer(bytearray(value), dtype=torch.uint8)
        dist.broadcast(buffer, source)
        return buffer.numpy().tobytes()

    def mean(self, values: Tensor) -> Tensor:
        total = values.clone()
        dist.all_reduce(total)
        return total / self.rank.count

    def largest(self, number: int) -> int:
        value = torch.tensor([number])
        dist.all_reduce(value, dist.ReduceOp.MAX)
        return int(value)

    def learner(self, loss: Loss, net: nn.Module) -> Loss:
        for message in QUIET:
            warnings.filterwarnings("ignore", message)
        ids = [self.device.index] if self.device.type == "cuda" else None
        self.wrapped = DistributedDataParallel(_Learner(loss, net), device_ids=ids, find_unused_parameters=True)
        return self._terms

    def _terms(self, _net: nn.Module, batch: Any) -> dict[str, Tensor]:
        assert self.wrapped is not None
        return self.wrapped(batch)

    def part(self, batches: Any) -> Callable[[int, int], Iterator[Any]]:
        """UsageError: they cannot be split, or not evenly."""
        if not hasattr(batches, "part"):
            raise UsageError("this training learns in one process; start it without torchrun")
        return batches.part(self.rank.number, self.rank.count)

    def gathering(self) -> AbstractContextManager[None]:
        return self.wrapped.no_sync() if self.wrapped is not None else nullcontext()

    def begin_step(self, step: int) -> None:
        """The first process's random numbers go on as alone, and are kept; the others' begin anew with each step."""
        if not self.rank.is_first:
            torch.manual_seed(hash((self.seed, step, self.rank.number)) % 2**63)

    def is_loss_of_process(self, error: BaseException) -> bool:
        words = str(error).lower()
        return isinstance(error, dist.DistError) or (
            isinstance(error, RuntimeError) and any(word in words for word in ("gloo", "nccl", "connection"))
        )


class _Learner(nn.Module):
    """The loss as a module of the network alone, whatever parts of it the loss calls, and how often."""

    def __init__(self, loss: Loss, net: nn.Module):
        super().__init__()
        self.net, self.loss = net, lambda net, batch: loss(net, batch)  # else a teacher inside it would learn too

    def forward(self, batch: Any) -> dict[str, Tensor]:
        return self.loss(self.net, batch)
