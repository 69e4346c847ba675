"""Images in a .zip or .tar, looked at where they lie: nothing is unpacked.

A tar is listed by its headers and read by offsets, so it must not be compressed as a whole; a zip's members may be.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import PurePosixPath
from typing import NamedTuple

from dlcli.data.folders import is_of_a_set
from dlcli.errors import ImageError
from dlcli.imaging.extensions import looks_like_image
from dlcli.messages import as_text
from dlcli.records import Failure, Source
from dlcli.units import show_size

SUFFIXES = (".zip", ".tar")
LARGEST = 1 << 30  # bytes of a member, unpacked; more is a bomb
DAMAGED, UNSUPPORTED, TOO_LARGE = "damaged", "unsupported", "too-large"


class Member(NamedTuple):
    """A file in an archive. read: its bytes; raises what zipfile and OSError have. fault: why it cannot be read."""

    name: str
    size: int
    read: Callable[[], bytes]
    fault: Failure | None = None


def is_archive(path: str) -> bool:
    """Whether a path is a file that ends like an archive that is read here."""
    return path.lower().endswith(SUFFIXES) and os.path.isfile(path)


@lru_cache(maxsize=64)
def members_of(path: str) -> list[Member]:
    """Its files in order of their names; where a name comes twice, the last, as unpacking would leave it.

    OSError, zipfile.BadZipFile, tarfile.TarError: it cannot be listed. What systems keep there for themselves, such as
    __MACOSX/._a.jpg, is none of it. The file stays open until the program ends.
    """
    listed = _in_zip(path) if path.lower().endswith(".zip") else _in_tar(path)
    kept = {member.name: member for member in listed if all(map(is_of_a_set, member.name.split("/")))}
    return [_checked(path, kept[name]) for name in sorted(kept)]


def images_of(path: str) -> tuple[list[Member], list[str]]:
    """(members that look like images, names of the others). ImageError: it cannot be listed."""
    import tarfile
    import zipfile

    try:
        members = members_of(path)
    except (zipfile.BadZipFile, tarfile.TarError, OSError, NotImplementedError, EOFError) as error:
        raise ImageError(DAMAGED, f"{as_text(path)}: not an archive that can be listed ({_sentence(error)})") from error
    images = [member for member in members if looks_like_image(member.name)]
    return images, [member.name for member in members if not looks_like_image(member.name)]


def source_of_member(name: str, place: PurePosixPath, member: Member) -> Source:
    """A source whose `content` is of kind damaged or unsupported where its ImageError is raised."""
    source = Source(name, None, place, failure=member.fault)
    return replace(source, stored=partial(_content, source.text, member), size=member.size)


def _content(text: str, member: Member) -> bytes:
    try:
        return member.read()
    except RuntimeError as error:  # zipfile's word for encrypted members, and for compressions it has not
        raise ImageError(UNSUPPORTED, f"{text}: {_sentence(error)}; unpack the archive") from error
    except Exception as error:  # besides zipfile's and the system's, zlib, bz2 and lzma have one each
        raise ImageError(DAMAGED, f"{text}: it cannot be read from its archive ({_sentence(error)})") from error


def _in_zip(path: str) -> Iterator[Member]:
    import zipfile

    archive = zipfile.ZipFile(path)
    for info in archive.infolist():
        if not info.is_dir():
            yield Member(info.filename, info.file_size, lambda info=info: archive.read(info))  # type: ignore[misc]


def _in_tar(path: str) -> Iterator[Member]:
    import tarfile

    handle = os.open(path, os.O_RDONLY)
    with tarfile.open(path, "r:") as archive:
        for info in archive:
            if info.isreg() and info.sparse is None:
                yield Member(info.name, info.size, lambda at=info.offset_data, n=info.size: _part(handle, at, n))  # type: ignore[misc]


def _part(handle: int, at: int, size: int) -> bytes:
    data = os.pread(handle, size, at)
    if len(data) < size:
        raise EOFError(f"it ends after {len(data):,} of {size:,} bytes")
    return data


def _checked(path: str, member: Member) -> Member:
    """With a fault where its name leads out of the archive, or its size can be no image's."""
    name = f"{as_text(path)}/{as_text(member.name)}"
    if member.name.startswith("/") or ".." in member.name.split("/"):
        fault = Failure(UNSUPPORTED, f"{name}: its name leads out of the archive; rename it there")
        return member._replace(fault=fault)
    if member.size > LARGEST:
        limit = f"more than the {show_size(LARGEST)} that are unpacked"
        return member._replace(fault=Failure(TOO_LARGE, f"{name}: {show_size(member.size)}, {limit}"))
    return member


def _sentence(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
