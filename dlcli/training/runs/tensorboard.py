"""RUN/tensorboard: the numbers of each epoch as events for TensorBoard; needs the extra [tensorboard]."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dlcli.distribution import install_command
from dlcli.errors import MissingError
from dlcli.training.plan import EpochEnd

FOLDER = "tensorboard"
Tell = Callable[[EpochEnd, float], None]  # an epoch, and the learning rate at its end


def need_tensorboard(options: Any) -> None:
    """MissingError: events are asked for, and the package that writes them is not there; ask before the first step."""
    if options.tensorboard and find_spec("tensorboard") is None:
        raise MissingError(
            f"--tensorboard needs tensorboard, not installed here; run: {install_command('tensorboard')}"
        )


def teller_of(options: Any, done: int) -> Tell:
    """What writes an epoch's numbers, its own number as their step; nothing unless it is asked for.

    done: epochs of a run that goes on. What an earlier run wrote of later ones is hidden by TensorBoard.
    """
    if not options.tensorboard:
        return lambda end, rate: None
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(Path(options.out) / FOLDER), purge_step=done + 1)  # type: ignore[no-untyped-call]

    def tell(end: EpochEnd, rate: float) -> None:
        numbers = {name: value for name, value in end.row.items() if name != "epoch"}
        for name, value in (numbers | {"learning rate": rate, "images a second": end.speed}).items():
            writer.add_scalar(name, value, end.epoch)  # type: ignore[no-untyped-call]
        writer.flush()  # type: ignore[no-untyped-call]

    return tell
