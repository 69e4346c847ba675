"""`dlcli models pull`: the one place of dlcli that opens a socket."""

import hashlib
import os
import re
import tempfile
import urllib.request
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlparse

from dlcli.console import QUIET, Console
from dlcli.errors import DataError, DlcliError, MissingError
from dlcli.progress import BYTES
from dlcli.signals import gone_at_stop

SECONDS = 30  # without a byte, after which it is given up
BLOCK = 1 << 20


def pull(url: str, path: Path, console: Console = QUIET) -> int:
    """Fetch `url` to `path`, whole or not at all; the bytes. Its name ends in the first digits of its SHA-256.

    url: of http or https. console: shows how much has come. MissingError: it cannot be fetched. DataError:
    what came is another file. DlcliError: it cannot be written.
    """
    match = re.search(r"-([0-9a-f]{8,64})\.[a-z]+$", path.name)
    if match is None or urlparse(url).scheme not in ("http", "https"):
        raise DataError(
            f"{url}: expected an address of http or https whose name ends in the first digits of its SHA-256"
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".dlcli-", suffix=".tmp", dir=path.parent)
    except OSError as error:
        raise DlcliError(
            f"{path.parent}: cannot be written: {error.strerror}; set TORCH_HOME to another folder"
        ) from error
    try:
        with os.fdopen(handle, "wb") as file, gone_at_stop(lambda: temporary):
            digest, size = _fetch(url, path, file, console)
        if not digest.startswith(match[1]):
            raise DataError(f"{url}: expected a SHA-256 of {match[1]}..., got {digest[:12]}...; nothing was kept")
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    finally:
        with suppress(OSError):
            os.unlink(temporary)
    return size


def _fetch(url: str, path: Path, file: BinaryIO, console: Console) -> tuple[str, int]:
    """Write what the address gives to an open file: its SHA-256 in hex, and its bytes."""
    digest, size = hashlib.sha256(), 0
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as answer:
            length = answer.headers.get("Content-Length")
            total = int(length) if length is not None and length.isdecimal() else None
            with console.progress(f"pulling {path.stem}", total, BYTES) as bar:
                while block := answer.read(BLOCK):
                    digest.update(block)
                    file.write(block)
                    size += len(block)
                    bar.at(size, total)
    except (OSError, HTTPException) as error:  # urllib's own errors are OSErrors
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise MissingError(
            f"{url}: cannot be fetched: {reason}; fetch it where there is a network, and put it to {path}"
        ) from error
    if total is not None and total != size:
        raise MissingError(f"{url}: ended after {size} of {length} bytes; try again")
    file.flush()
    os.fsync(file.fileno())
    return digest.hexdigest(), size
