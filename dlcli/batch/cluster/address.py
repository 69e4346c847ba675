"""What --on names, and what does not go with it. Light."""

import re

from dlcli.batch.options import BatchOptions
from dlcli.errors import MissingError, UsageError

ADDRESS = re.compile(r"ray(?:://(?P<host>[^/:\s]+:\d+))?/?")


def check_on(batch: BatchOptions, open_ended: bool) -> None:
    """UsageError: --on names no cluster, or another option does not go with it. MissingError: Ray is not installed."""
    if not batch.on:
        return
    if ADDRESS.fullmatch(batch.on) is None:
        raise UsageError(f"--on {batch.on}: expected ray, or ray://HOST:PORT with the address that ray start printed")
    if batch.max_memory:
        raise UsageError("--on and --max-memory do not go together: each node has a memory of its own")
    if batch.profile:
        raise UsageError("--on and --profile do not go together: the time of other machines is not measured")
    if open_ended:
        raise UsageError("--on takes images, and neither videos nor --watch; leave it out for them")
    need_ray(batch.on)


def need_ray(on: str) -> None:
    """MissingError: Ray is not installed; asked before --out is begun."""
    from importlib.util import find_spec

    from dlcli.distribution import install_command

    if find_spec("ray") is None:
        raise MissingError(f"--on {on}: needs Ray, not installed here; run: {install_command('ray')}")
