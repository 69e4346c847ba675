"""Sources that are addresses, such as s3://bucket/a.jpg: which are, and where they would lie in a tree. Light."""

import os
import re
from pathlib import Path

PACKAGES = {  # what fsspec needs beside itself, by the word before ://
    "s3": "s3fs",
    "gs": "gcsfs",
    "az": "adlfs",
    "hf": "huggingface_hub",
    "http": "aiohttp",
    "https": "aiohttp",
    "memory": "",
}
IN_EXTRA = ("s3fs", "aiohttp")  # of these, what [remote] brings
_ADDRESS = re.compile(rf"({'|'.join(PACKAGES)})://", re.IGNORECASE)
_COLLAPSED = re.compile(rf"({'|'.join(PACKAGES)}):/+(.*)", re.IGNORECASE | re.DOTALL)
WEB = ("http", "https")


def is_address(text: str) -> bool:
    """Whether it is one of an object, or of a folder of objects, that is read over the network."""
    return _ADDRESS.match(text) is not None


def store_of(out: Path | None) -> str | None:
    """The address that --out names, from which a path has lost a slash; None where it is a folder."""
    found = None if out is None else _COLLAPSED.match(str(out))
    return None if found is None else f"{found[1].lower()}://{found[2]}"


def protocol_of(address: str) -> str:
    """Such as "s3"."""
    return address.partition("://")[0].lower()


def location(name: str) -> str:
    """An absolute path that stands for a name: an address lies in a folder of its protocol, /s3:/bucket."""
    return os.path.abspath(f"/{name}" if is_address(name) else name)


def place_below(name: str, root: str) -> str:
    """Where a file or an address lies below an absolute path, relative to it."""
    whole = location(name)
    above = root.rstrip("/") + "/"
    if not whole.startswith(above) or whole.startswith("//"):  # which may stand at the beginning
        return os.path.relpath(whole, root)
    return whole[len(above) :] or "."
