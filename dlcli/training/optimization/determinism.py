"""`--deterministic`: only algorithms that give the same bits each time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from dlcli.errors import UsageError

CUBLAS = "CUBLAS_WORKSPACE_CONFIG"  # NVIDIA's library asks for it, before its first use in a process


@contextmanager
def only_deterministic(wanted: bool) -> Iterator[None]:
    """UsageError: something has to be computed for which torch has no such algorithm."""
    if not wanted:
        yield
        return
    os.environ.setdefault(CUBLAS, ":4096:8")
    before, benchmark = torch.are_deterministic_algorithms_enabled(), torch.backends.cudnn.benchmark
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = False
    try:
        yield
    except RuntimeError as error:
        if "deterministic" not in str(error):
            raise
        raise UsageError(
            f"--deterministic: {str(error).splitlines()[0]}; leave it out, or pass --device cpu"
        ) from error
    finally:
        torch.use_deterministic_algorithms(before)
        torch.backends.cudnn.benchmark = benchmark
