"""A file's bytes by index and slice, read when asked for: a header costs the same whatever lies behind it."""

import os
from typing import overload


class FileBytes:
    """What an open file holds, up to `size` bytes; what lies beyond its end, or cannot be read, is b"".

    An index beyond the end raises IndexError, as with bytes. Slices have no step and no negative bounds.
    """

    def __init__(self, handle: int, size: int):
        self._handle, self._size = handle, size

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> bytes: ...
    def __getitem__(self, index: int | slice) -> int | bytes:
        if isinstance(index, int):
            return self._read(index, 1)[0]
        start, stop, _ = index.indices(self._size)
        return self._read(start, max(0, stop - start))

    def _read(self, at: int, count: int) -> bytes:
        return os.pread(self._handle, count, at)


Bytes = bytes | FileBytes
