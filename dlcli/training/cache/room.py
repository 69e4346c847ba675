"""Whether there is room for decoded images, in words."""

import shutil
from pathlib import Path

from dlcli.errors import UsageError
from dlcli.messages import plural
from dlcli.style.memory import available_memory
from dlcli.training.cache.names import CacheName
from dlcli.training.processes.rank import this_rank
from dlcli.units import show_size

MEMORY_SHARE = 0.5  # of what is free: the training needs some itself
DISK_RESERVE = 10**9  # bytes that stay free, for checkpoints
PLACES = {CacheName.RAM: "memory", CacheName.DISK: "disk"}


def room(kind: CacheName, folder: Path) -> float | None:
    """Bytes that a cache may take, of all processes on this machine; None where nothing tells."""
    if kind is CacheName.RAM:
        free = available_memory()
        return None if free is None else free * MEMORY_SHARE
    return max(0.0, shutil.disk_usage(folder).free - DISK_RESERVE)


def check_room(kind: CacheName, total: int, folder: Path) -> None:
    """UsageError: `total` bytes, in each process, are more than there is room for. folder: of a cache on disk."""
    wanted, most = total * this_rank().local_count, room(kind, folder)
    if most is not None and wanted > most:
        other = ", or pass --cache disk" if kind is CacheName.RAM else ""
        raise UsageError(
            f"--cache {kind}: the decoded images take {show_size(wanted)}, and may take {show_size(most)} of this "
            f"{PLACES[kind]}; make them smaller (dlcli preprocess --resize), leave --cache out{other}"
        )


def said(kind: CacheName, images: int, total: int) -> str:
    return f"--cache {kind}: {plural(images, 'decoded image')}, {show_size(total)} of {PLACES[kind]}"
