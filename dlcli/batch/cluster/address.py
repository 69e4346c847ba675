"""What --on names, and what does not go with it. Light."""

import re

from dlcli.batch.options import BatchOptions
from dlcli.errors import UsageError

ADDRESS = re.compile(r"ray(?:://(?P<host>[^/:\s]+:\d+))?/?")


def check_on(batch: BatchOptions, open_ended: bool) -> None:
    """UsageError: --on names no cluster, or another option does not go with it."""
    if not batch.on:
        return
    if ADDRESS.fullmatch(batch.on) is None:
        raise UsageError(f"--on {batch.on}: expected ray, or ray://HOST:PORT with the address that ray start printed")
    if batch.max_memory:
        raise UsageError("--on and --max-memory do not go together: each node has a memory of its own")
    if open_ended:
        raise UsageError("--on takes images, and neither videos nor --watch; leave it out for them")
