"""Objects elsewhere, such as s3://bucket/photos/ or https://host/a.jpg, through fsspec: listed and read, never changed.

fsspec comes with the extra [remote] and is loaded here alone, when an address was typed. Credentials are what its
libraries find in the environment and their own files; nothing of them is shown.
"""

import glob
import re
import time
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from typing import Any, TypeVar

from dlcli.batch.sources.addresses import IN_EXTRA, PACKAGES, WEB, protocol_of
from dlcli.distribution import install_command
from dlcli.errors import DlcliError, ImageError, MissingError
from dlcli.imaging.extensions import looks_like_image, looks_like_video
from dlcli.messages import as_text

TRIES = 6
FIRST_WAIT = 0.2  # seconds before the second try; each wait is twice the last
SECONDS = 60  # that a connection may be silent
BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})  # statuses of HTTP that may pass
REFUSED = frozenset({401, 403})
LIBRARIES = frozenset({"aiohttp", "aiobotocore", "botocore", "urllib3", "httpx", "requests"})
CUT = (
    "Connection",
    "Timeout",
    "Payload",
    "Incomplete",
    "Disconnected",
    "Protocol",
    "ReadError",
    "HTTPClient",
)  # in names of errors
Answer = TypeVar("Answer")


def addresses_of(text: str, recursive: bool) -> tuple[str, Iterator[str]]:
    """(the folder that an address or a glob of some is about, addresses of the images in it).

    One that ends as an image is that object, without a question to anybody. A folder is listed page by page, and
    no object in it is looked at. DlcliError: it cannot be listed; MissingError: fsspec, or what it needs, is missing.
    """
    protocol = protocol_of(text)
    plain = protocol in WEB or not glob.has_magic(text)
    if protocol in WEB or (plain and (looks_like_image(text) or looks_like_video(text))):
        opened(text)
        return text.rpartition("/")[0], iter([text])
    return (text.rstrip("/") if plain else fixed_part(text)), _listed(text, plain, recursive)


def _listed(text: str, plain: bool, recursive: bool) -> Iterator[str]:
    from fsspec.utils import glob_translate

    system, path = opened(text)
    start = path if plain else fixed_part(path)
    below = path.removeprefix(start)
    deep = recursive if plain else "**" in below
    wanted = None if plain else re.compile(glob_translate(path))
    head = f"{protocol_of(text)}://"
    try:
        for name in objects_below(system, start.rstrip("/"), None if deep else 1 + below.strip("/").count("/")):
            if looks_like_image(name) and (wanted is None or wanted.match(name)):
                yield head + name.lstrip("/")
    except Exception as error:
        raise DlcliError(f"{as_text(text)}: cannot be listed: {reason_of(error)}") from error


def objects_below(system: Any, path: str, depth: int | None) -> Iterator[str]:
    """Objects below a path, in the order of a walked folder: sorted by name, those of a folder before its folders.

    depth: of folders, this one is 1; None: all. `find` and `glob` of fsspec leave out what could not be listed.
    """
    pending = [(path, 1)]
    while pending:
        current, level = pending.pop()
        entries = patiently(partial(system.ls, current, detail=True))
        inner = [entry for entry in entries if entry["name"].strip("/") != current.strip("/")]  # a folder's own mark
        yield from sorted(entry["name"] for entry in inner if entry["type"] != "directory")
        if depth is None or level < depth:
            folders = sorted(entry["name"].rstrip("/") for entry in inner if entry["type"] == "directory")
            pending += [(folder, level + 1) for folder in reversed(folders)]


def fixed_part(pattern: str) -> str:
    """The folder before the first part of a glob that is one."""
    return pattern[: min(map(pattern.find, filter(pattern.count, "*?[")))].rpartition("/")[0]


def read_address(address: str) -> bytes:
    """The whole object. ImageError: it is not there (missing), or cannot be read (unreadable)."""
    system, path = opened(address)

    def whole() -> bytes:
        data = system.cat_file(path)
        if not isinstance(data, bytes):
            raise OSError("it is no object of bytes")
        return data

    try:
        return patiently(whole)
    except FileNotFoundError as error:
        message = f"{as_text(address)}: no such object; check the spelling, and the bucket or host"
        raise ImageError("missing", message) from error
    except Exception as error:  # each library has exceptions of its own
        raise ImageError("unreadable", f"{as_text(address)}: cannot be read: {reason_of(error)}") from error


def patiently(ask: Callable[[], Answer], wait: Callable[[float], None] = time.sleep) -> Answer:
    """The answer, asked for again with longer and longer waits while the failure is one that may pass."""
    for number in range(TRIES - 1):
        try:
            return ask()
        except Exception as error:
            if not may_pass(error):
                raise
        wait(FIRST_WAIT * 2**number)
    return ask()


def may_pass(error: BaseException) -> bool:
    """Whether another try may do: the other side is busy, did not answer in time, or the connection was cut."""
    status = status_of(error)
    if status is not None and type(error).__name__ != "HTTPClientError":  # of an answer that was no HTTP
        return status in BUSY
    if isinstance(error, (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)):
        return False
    if isinstance(error, (OSError, TimeoutError, EOFError)):
        return True
    return _module(error) in LIBRARIES and any(word in type(error).__name__ for word in CUT)


def reason_of(error: BaseException) -> str:
    """Why, and what to do next, in a clause; the words of the libraries, which may hold keys, are left out."""
    name = type(error).__name__
    status = status_of(error)
    if isinstance(error, FileNotFoundError) or status == 404:
        return "there is nothing of that name; check the spelling"
    if isinstance(error, PermissionError) or status in REFUSED or "Credential" in name:
        return (
            "the credentials are missing or wrong, or do not allow it; set them as its tools want them, such as "
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    if may_pass(error):
        return f"no whole answer in {TRIES} tries ({name}{f' {status}' if status else ''}); try again later"
    return f"{name}{f' {status}' if status else ''}; check the address"


def status_of(error: BaseException | None) -> int | None:
    """The status of HTTP that an exception, or what it was raised from, tells; None where none does."""
    for _ in range(4):
        if error is None:
            return None
        response = getattr(error, "response", None)
        found = response.get("ResponseMetadata", {}).get("HTTPStatusCode") if isinstance(response, dict) else None
        found = found or getattr(error, "status", None)
        if isinstance(found, int):
            return found
        error = error.__cause__ or error.__context__
    return None


def opened(address: str) -> tuple[Any, str]:
    """(fsspec's file system, the path in it). MissingError: a package is not installed."""
    protocol = protocol_of(address)
    system = _system(protocol)
    return system, system._strip_protocol(protocol + address[len(protocol) :])


@lru_cache(maxsize=16)
def _system(protocol: str) -> Any:
    try:
        import fsspec

        return fsspec.filesystem(protocol, skip_instance_cache=True, **_settings(protocol))
    except ImportError as error:
        package = PACKAGES[protocol]
        more = f" ({protocol}:// is read by {package})" if package else ""
        command = install_command("remote", *([package] if package and package not in IN_EXTRA else []))
        raise MissingError(f"{protocol}://: addresses need fsspec{more}, not installed here; run: {command}") from error


def _settings(protocol: str) -> dict[str, Any]:
    """Tries and waits are ours, so that they are the same for all."""
    if protocol == "s3":
        times = {"connect_timeout": SECONDS, "read_timeout": SECONDS, "retries": {"total_max_attempts": 1}}
        return {"config_kwargs": times, "use_listings_cache": False}
    if protocol in WEB:
        from aiohttp import ClientTimeout

        return {"client_kwargs": {"timeout": ClientTimeout(total=None, sock_connect=SECONDS, sock_read=SECONDS)}}
    return {}


def _module(error: BaseException) -> str:
    return type(error).__module__.partition(".")[0]
