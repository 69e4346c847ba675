"""What a run did not look at: files like images that it does not read, sub-folders, pages after the first. Light."""

import os
import stat
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from dlcli.data.folders import is_of_a_set
from dlcli.imaging.extensions import looks_like_image, looks_like_video
from dlcli.messages import plural

FOLDERS, OUTPUTS, PAGES, VIDEOS, NO_SUFFIX = "sub-folder", "output folder", "page", "video", "no suffix"
MOST = 20_000  # names that are looked at, to see whether a folder holds an image
# Suffixes of images that are not read: cameras' raw files and formats of others.
_UNREAD = """
    .3fr .ai .apng .arw .avif .avifs .cr2 .cr3 .crw .cur .dcm .dcr .dds .dib .dng .emf .eps .erf .exr .fits .hdr
    .heic .heics .heif .heifs .hif .icns .ico .iiq .j2c .j2k .jls .jng .jp2 .jpf .jpm .jpx .jxl .jxr .k25 .kdc .mef
    .mng .mos .mpo .mrw .nef .nrw .orf .pam .pbm .pcx .pef .pfm .pgm .pnm .ppm .psb .psd .qoi .raf .ras .raw .rgbe
    .rw2 .rwl .sgi .sr2 .srf .srw .svg .svgz .tga .tpic .wdp .wmf .x3f .xbm .xcf .xpm
"""
UNREAD = frozenset(_UNREAD.split())
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"\0\0\0\x0cjP", b"8BPS",
           b"\xff\x0a", b"\0\0\0\x0cJXL", b"qoif")  # fmt: skip
_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1", b"avif", b"avis", b"crx ")
_PLAIN = frozenset(
    {".txt", ".md", ".json", ".jsonl", ".xml", ".csv", ".html", ".htm", ".pdf", ".yaml", ".yml", ".py", ".zip", ".gz"}
)
_WORDS = {
    FOLDERS: ("sub-folder with images (-r)", "sub-folders with images (-r)"),
    OUTPUTS: ("folder of an earlier run", "folders of earlier runs"),
    PAGES: ("frame or page after the first", "frames and pages after the first"),
    VIDEOS: ("video (name it, or give a glob)", "videos (name them, or give a glob)"),
    NO_SUFFIX: ("image without an image's suffix", "images without an image's suffix"),
}


class Skipped:
    """counts: by kind, which is a suffix such as ".heic", or one of the words of this file."""

    def __init__(self, counts: Mapping[str, int] | None = None):
        self.counts: Counter[str] = Counter(counts)
        self._folders: set[str] = set()

    @property
    def total(self) -> int:
        return self.counts.total()

    def add(self, kind: str, number: int = 1) -> None:
        if number:
            self.counts[kind] += number

    def is_new(self, folder: str) -> bool:
        """Whether it was not counted before, as one that is given twice is."""
        real = os.path.realpath(folder)
        new = real not in self._folders
        self._folders.add(real)
        return new

    def left(self, files: Iterable[str], folders: Iterable[str], outputs: int) -> None:
        """Of a folder: files that are not taken for images, folders that are not gone into, and those of runs."""
        for path in files:
            self.file(path)
        for folder in folders:
            self.folder(folder)
        self.add(OUTPUTS, outputs)

    def file(self, path: str) -> None:
        """Count a file that is not taken for an image, if it is one."""
        kind = kind_of(path)
        if kind:
            self.add(kind)

    def folder(self, path: str) -> None:
        """Count a folder that is not gone into, if it holds an image."""
        if holds_image(path):
            self.add(FOLDERS)

    def clause(self) -> str:
        """Such as "not looked at: 3 .heic files, 1 sub-folder with images (-r)"; "" where there is nothing to say."""
        kinds = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        return f"not looked at: {', '.join(shown(kind, number) for kind, number in kinds)}" if kinds else ""

    def copy(self) -> "Skipped":
        return Skipped(self.counts)


def shown(kind: str, number: int) -> str:
    """Such as "3 .heic files"."""
    if kind in _WORDS:
        return f"{number:,} {_WORDS[kind][number != 1]}"
    return plural(number, f"{kind} file")


def kind_of(path: str) -> str:
    """As what a file that is not read is counted; "" where it is no image."""
    suffix = os.path.splitext(path)[1].lower()
    if looks_like_image(path) or suffix in _PLAIN:
        return ""
    if looks_like_video(path):
        return VIDEOS
    if suffix in UNREAD:
        return suffix
    return NO_SUFFIX if _begins_as_image(path) else ""


def holds_image(folder: str) -> bool:
    """Whether there is an image, read or not, in a folder or below; True also where there is too much to look at."""
    for seen, path in enumerate(_files_below(folder)):
        if seen == MOST or looks_like_image(path) or kind_of(path):
            return True
    return False


def is_output(folder: str) -> bool:
    """Whether a run wrote into a folder, by its own files there."""
    names = ("results.state.jsonl", ".results.state.jsonl.part")
    if any(os.path.isfile(os.path.join(folder, name)) for name in names):
        return True
    with suppress(OSError), os.scandir(folder) as entries:
        return any(
            entry.name.lstrip(".").startswith("results.") and ".state.jsonl" in entry.name and entry.is_file()
            for entry in entries
        )
    return False


def _files_below(folder: str) -> Iterator[str]:
    pending = [folder]
    while pending:
        with suppress(OSError), os.scandir(pending.pop()) as entries:
            for entry in filter(lambda entry: is_of_a_set(entry.name), entries):
                if entry.is_dir(follow_symlinks=False):
                    pending.append(entry.path)
                else:
                    yield entry.path


def _begins_as_image(path: str) -> bool:
    """By its first bytes; only regular files are opened."""
    with suppress(OSError, ValueError):
        if not stat.S_ISREG(os.stat(path).st_mode):
            return False
        with open(path, "rb") as file:
            head = file.read(16)
        if head.startswith(_STARTS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
            return True
        return head[4:8] == b"ftyp" and head[8:12] in _BRANDS
    return False
