"""Where reports may go: over no input of the run, and over none of its other files. Light."""

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePosixPath

from dlcli.batch.reports.spec import Order
from dlcli.errors import UsageError
from dlcli.records import Source


def refuse_inputs(orders: Sequence[Order], inputs: Iterable[str | Path | None]) -> None:
    """UsageError: a report would be written over a file that is read. inputs: files, whatever way they are named."""
    wanted = _by_place(orders)
    for name in inputs if wanted else ():
        order = wanted.get(_real(name)) if name else None
        if order is not None:
            raise UsageError(f"--report {order.kind}={order.path}: would write over an input; name another file")


def refuse_outputs(
    orders: Sequence[Order],
    out: Path | None,
    of_run: Iterable[str | PurePosixPath],
    sources: Iterable[Source],
    names: Callable[[PurePosixPath], list[PurePosixPath]],
) -> None:
    """UsageError: a report would be written over another file of the run.

    of_run, names: files below `out` that the run writes as a whole, and for a picture at a place.
    """
    wanted = _by_place(orders) if out is not None else {}
    if not wanted or out is None:
        return
    root = os.path.realpath(out)
    for name in [*of_run, *(name for source in sources for name in names(source.place))]:
        order = wanted.get(os.path.join(root, name))
        if order is not None:
            raise UsageError(
                f"--report {order.kind}={order.path}: the run writes its own {name} there; name another file"
            )


def _by_place(orders: Sequence[Order]) -> dict[str, Order]:
    return {_real(order.path): order for order in orders if order.path is not None}


def _real(name: str | Path) -> str:
    return os.path.abspath(name) if "\0" in str(name) else os.path.realpath(name)
