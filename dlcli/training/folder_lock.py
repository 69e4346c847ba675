"""The folder of a run while a training writes there: no other training's, and without what a killed one left."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dlcli.file_lock import alone
from dlcli.models.run_folder import LOCK
from dlcli.training.checkpoint import check_run_folder, refuse_in_data
from dlcli.whole_file import sweep


@contextmanager
def locked_folder(options: Any) -> Iterator[None]:
    """Hold the folder `options.out`, which is made, to the end; one that stays empty goes again.

    UsageError: another training is writing there, --resume without a run, or a new run over an old one.
    """
    if not options.resume:
        refuse_in_data(options.out, options.data)
    with alone(options.out / LOCK, f"--out {options.out}", "training"):
        check_run_folder(options)
        sweep(options.out)
        yield
