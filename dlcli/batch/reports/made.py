"""By what command and when a report was made, for pages that people read. Light.

Reports for programs name neither, so that equal runs are equal bytes.
"""

import os
import shlex
import time
from contextlib import suppress

EPOCH = "SOURCE_DATE_EPOCH"  # reproducible-builds.org: the time to name instead of now
_typed: list[str] = []


def remember(arguments: list[str]) -> None:
    """What follows `dlcli` on the command line; the program says it once, as it starts."""
    _typed[:] = arguments


def command_line() -> str:
    """ "dlcli detect photos -r --report html=report.html", as a shell takes it; "" where there was none."""
    return shlex.join(["dlcli", *_typed]) if _typed else ""


def date() -> str:
    """ "2026-11-30 17:06 UTC": now, or what SOURCE_DATE_EPOCH says."""
    seconds = time.time()
    with suppress(ValueError):
        seconds = int(os.environ.get(EPOCH, ""))
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))
