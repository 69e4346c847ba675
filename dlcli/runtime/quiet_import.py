"""Brings in ONNX Runtime without its messages on stderr and without its telemetry. Nothing else imports it first."""

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Any

_lock = threading.Lock()
_loaded: Any = None
FATAL = 4  # ONNX Runtime's highest log level: what goes wrong reaches us as exceptions


def load_onnxruntime() -> Any:
    """The onnxruntime module. Safe to call often and from several threads.

    From 1.29 on its Linux builds report use to Microsoft: on import they write a device id below ~/.cache and start
    an uploading thread. Only an environment variable set before the import prevents that; releases differ in its name.
    While it loads it may warn about GPUs it cannot name, before a log level can be set: file descriptor 2 is shut
    for that time, 0.02 s once NumPy is there.
    """
    global _loaded
    with _lock:
        if _loaded is None:
            os.environ["ORT_DISABLE_TELEMETRY"] = "1"
            os.environ["ORT_TELEMETRY_DISABLED"] = "1"
            with _stderr_shut():
                import onnxruntime
            onnxruntime.disable_telemetry_events()
            onnxruntime.set_default_logger_severity(FATAL)
            _loaded = onnxruntime
    return _loaded


@contextlib.contextmanager
def _stderr_shut() -> Iterator[None]:
    """What C code writes to file descriptor 2 goes to /dev/null."""
    try:
        kept = os.dup(2)
    except OSError:  # the caller closed it (2>&-): there is nothing to shut
        yield
        return
    try:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        os.close(null)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
