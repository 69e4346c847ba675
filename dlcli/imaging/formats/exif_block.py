"""Changes an EXIF block where it stands, so that every other byte (maker notes, GPS) stays as the camera wrote it.

Layout: CIPA DC-008 (EXIF 2.32), section 4.5 and 4.6: a TIFF header, then directories of 12-byte entries.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

_ORIENTATION, _EXIF_FOLDER, _WIDTH, _HEIGHT = 0x0112, 0x8769, 0xA002, 0xA003
_THUMBNAIL_AT, _THUMBNAIL_LENGTH = 0x0201, 0x0202
_FORMATS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}  # whole numbers, by the type of their field
_ORDERS = {b"II": "<", b"MM": ">"}


def orientation_in(block: bytes) -> int | None:
    """1 to 8, by the tag of the first directory; None where it is absent, unreadable or out of range."""
    try:
        exif = _Block(bytearray(block), _ORDERS[block[:2]])
        for tag, kind, at in exif.entries(exif.number("I", 4)):
            if tag == _ORIENTATION and kind in _FORMATS:
                value = exif.number(_FORMATS[kind], at)
                return value if 1 <= value <= 8 else None
    except (KeyError, struct.error):
        pass
    return None


def for_pixels(block: bytes, width: int, height: int, turned: bool) -> bytes | None:
    """The block for pixels of this size: no thumbnail, and orientation 1 where they were turned, else as it is.

    None where it is no EXIF block.
    """
    try:
        exif = _Block(bytearray(block), _ORDERS[block[:2]])
        exif.change(width, height, turned)
    except (KeyError, struct.error):
        return None
    return bytes(exif.data)


@dataclass
class _Block:
    """data: the block. order: of its bytes, as struct writes it."""

    data: bytearray
    order: str

    def change(self, width: int, height: int, turned: bool) -> None:
        first = self.number("I", 4)
        for tag, kind, at in self.entries(first):
            if turned and tag == _ORIENTATION and kind in _FORMATS:
                self.put(kind, at, 1)
            if tag == _EXIF_FOLDER:
                self.put_size(self.number("I", at), width, height)
        link = first + 2 + 12 * self.number("H", first)  # to the thumbnail's directory
        self.drop_thumbnail(self.number("I", link))
        struct.pack_into(self.order + "I", self.data, link, 0)

    def put_size(self, folder: int, width: int, height: int) -> None:
        sizes = {_WIDTH: width, _HEIGHT: height}
        for tag, kind, at in self.entries(folder):
            if tag in sizes and kind in _FORMATS:
                self.put(kind, at, sizes[tag])

    def drop_thumbnail(self, folder: int) -> None:
        """Zeros in its place; cut off where it is the last thing."""
        values = {tag: self.number("I", at) for tag, _, at in self.entries(folder)} if folder else {}
        start = values.get(_THUMBNAIL_AT, 0)
        end = start + values.get(_THUMBNAIL_LENGTH, 0)
        if not 8 <= start < end <= len(self.data):
            return
        self.data[start:end] = bytes(end - start)
        if end == len(self.data):
            del self.data[start:]

    def entries(self, folder: int) -> Iterator[tuple[int, int, int]]:
        """(tag, type, where its value is) of a directory's entries with a single value.

        One of up to four bytes stands in the entry.
        """
        for i in range(self.number("H", folder)):
            at = folder + 2 + 12 * i
            if self.number("I", at + 4) == 1:
                yield self.number("H", at), self.number("H", at + 2), at + 8

    def number(self, form: str, at: int) -> int:
        return struct.unpack_from(self.order + form, self.data, at)[0]

    def put(self, kind: int, at: int, value: int) -> None:
        struct.pack_into(self.order + _FORMATS[kind], self.data, at, value)
