"""Networks as ONNX Runtime has arranged them for this processor: they open in half the time.

Arranging is most of what opening an .onnx file takes. `dlcli doctor --tune` does it once and keeps what comes out
below ~/.cache/dlcli; the same runtime on the same processor then reads that, and says the same to the bit. Anything
else opens the model's own file. Light.
"""

import hashlib
import os
import platform
from pathlib import Path

from dlcli.errors import DlcliError
from dlcli.signals import unbroken
from dlcli.whole_file import write_whole

CPU_INFO = Path("/proc/cpuinfo")
FIRST = 8192  # bytes of it, which hold the first processor's features
OTHERS_WRITE = 0o022


def cache_folder() -> Path | None:
    """dlcli/networks below XDG_CACHE_HOME or ~/.cache; None where the environment has neither. It need not exist."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if cache.is_absolute():
        return cache / "dlcli" / "networks"
    home = os.environ.get("HOME")
    return Path(home, ".cache", "dlcli", "networks") if home else None


def kept(digest: str, runtime: str) -> Path | None:
    """The arranged network of the model file with this SHA-256; None: there is none for this runtime and processor.

    runtime: what tells one build of ONNX Runtime from another.
    Its own SHA-256 stands beside it and must be right, and nobody else may write in the folder.
    """
    folder = cache_folder()
    if folder is None:
        return None
    path = folder / _name(digest, runtime)
    try:
        if not _is_ours(folder):
            return None
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        return path if path.with_suffix(".sha256").read_text("ascii").strip() == found else None
    except (OSError, ValueError):
        return None


def keep(digest: str, runtime: str, arranged: bytes) -> Path:
    """Write what `kept` finds; the file. DlcliError: there is no folder for it, or it cannot be written."""
    folder = cache_folder()
    if folder is None:
        raise DlcliError("no folder for tuned networks: neither XDG_CACHE_HOME nor HOME is set; set one of them")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not _is_ours(folder):
        raise DlcliError(f"{folder}: others may write there, so nothing is kept in it; chmod go-w it")
    path = folder / _name(digest, runtime)
    with unbroken():
        path.with_suffix(".sha256").unlink(missing_ok=True)  # what is half replaced does not count
        write_whole(path, arranged)
        write_whole(path.with_suffix(".sha256"), hashlib.sha256(arranged).hexdigest().encode())
    return path


def forget(digest: str) -> None:
    """Remove what was kept of a model by any runtime, on any processor."""
    folder = cache_folder()
    for path in folder.glob(f"{digest[:16]}-*") if folder else ():
        path.unlink(missing_ok=True)


def _is_ours(folder: Path) -> bool:
    """Whether only its owner, who is us, may write there; where the system has no owners, it is taken as ours."""
    found = folder.stat()
    return not hasattr(os, "geteuid") or (found.st_uid == os.geteuid() and not found.st_mode & OTHERS_WRITE)


def _name(digest: str, runtime: str) -> str:
    """By the model, and what an arrangement depends on: ONNX Runtime's build, the processor's kind and features."""
    around = hashlib.sha256("\n".join([runtime, platform.machine(), _features()]).encode()).hexdigest()
    return f"{digest[:16]}-{around[:12]}.onnx"


def _features() -> str:
    """The first processor's flags; "" where the system does not tell them in a file."""
    try:
        with CPU_INFO.open("rb") as file:
            lines = file.read(FIRST).decode("ascii", "replace").splitlines()
    except OSError:
        return ""
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")
