"""An image takes its share of memory before it is read: in bytes where there is --max-memory, else in pixels."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING

from dlcli.batch.memory.limit import MemoryLimit
from dlcli.imaging.fault import check_size
from dlcli.imaging.file_bytes import Bytes
from dlcli.imaging.formats.decode_jpeg import reduction
from dlcli.records import Source
from dlcli.runtime.deadline import pause
from dlcli.stopwatch import Stage, stage

if TYPE_CHECKING:
    from dlcli.imaging.formats.header import Header

PLAIN_JPEG = "jpeg"  # a kind of header


@dataclass
class Admission:
    """What `read_image` calls on its way. take: waits for a share of the budget; only its first call counts.

    enough: see `read_image`. pixels: that the header says, with a memory limit.
    """

    source: Source
    take: Callable[[int], None]
    memory: MemoryLimit | None
    max_pixels: int
    enough: tuple[int, int] | None = None
    pixels: int = 0

    def on_file(self, data: Bytes) -> None:
        """Before the file is read: its bytes, its metadata and its pixels are taken together, so that nobody who holds
        some of it waits for more. Fault, ImageError: it is too large.
        """
        from dlcli.imaging.formats.header import read_header

        assert self.memory is not None
        header = read_header(data)
        if header is not None:
            check_size(header.width, header.height, self.max_pixels)
            self.pixels = header.pixels
            if self.memory.reads_all_pages:
                from dlcli.imaging.formats.later_pages import with_later_pages

                header = with_later_pages(header, data)
            header = self._as_decoded(header)
        self._wait(self.memory.share(self.source, header, len(data)))

    def _as_decoded(self, header: "Header") -> "Header":
        """Of a plain JPEG, which is read at a fraction of its size where `enough` says so, however it is turned."""
        if self.enough is None or header.kind != PLAIN_JPEG:
            return header
        size = header.width, header.height
        part = min(reduction(size, self.enough), reduction(size[::-1], self.enough))
        return replace(header, width=ceil(header.width / part), height=ceil(header.height / part), largest=0)

    def on_pixels(self, pixels: int) -> None:
        """Before they are decoded. ImageError: they are more than the header says."""
        if self.memory is None:
            self._wait(pixels)
        elif pixels > self.pixels:
            raise self.memory.unforeseen(self.source, pixels)

    def _wait(self, share: int) -> None:
        with pause(), stage(Stage.MEMORY):  # waiting for its neighbors is not this image's time
            self.take(share)
