"""What `dlcli.TASK(image)` gives in Python: the record of the command with names and types, and arrays beside it."""

import os
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from dlcli.errors import UsageError
from dlcli.frozen import dataclass
from dlcli.records import DecodedImage
from dlcli.tasks.contract import Result

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

HEAD = ("source", "width", "height", "exif_orientation", "model")


@dataclass(frozen=True, kw_only=True)
class ImageResult:
    """What a task says of one image.

    source: the path as given, "<array>" or "<bytes>". width, height: pixels of the upright image. exif_orientation:
    1 to 8, as found in the file. notes: clauses on what of the file was not read. model: its name and the start of its
    SHA-256; "" where a task has none. record: as `to_dict` copies it.
    """

    source: str
    width: int
    height: int
    exif_orientation: int
    model: str
    notes: tuple[str, ...] = ()
    record: Mapping[str, Any] = field(repr=False)

    @classmethod
    def of(cls, record: dict[str, Any], result: Result, image: DecodedImage) -> Self:
        """From the record of the command, what the predictor found, and the image that was read."""
        return cls(record=record, **head_of(record))

    def to_dict(self) -> dict[str, Any]:
        """The record that `dlcli TASK IMAGE --json` prints, as JSON values; `dlcli schema TASK` describes it."""
        return deepcopy(dict(self.record))


@dataclass(frozen=True, kw_only=True)
class PixelResult(ImageResult):
    """The same of a task that makes images. pixels: [H, W, 3] RGB in sRGB, uint8 unless the task says otherwise."""

    pixels: "NDArray[np.uint8]" = field(repr=False, compare=False)

    def save(self, path: str | os.PathLike[str], quality: int = 90) -> None:
        """Write the pixels, whole or not at all, in the format of the suffix; folders are made, a file is replaced.

        quality: 1 to 100, of JPEG and WebP. UsageError: an unknown suffix, or the image itself. DlcliError: it cannot
        be written.
        """
        from dlcli.imaging.writer import write_image

        if os.path.exists(path) and os.path.exists(self.source) and os.path.samefile(path, self.source):
            raise UsageError(f"{os.fspath(path)}: is the image that was read; choose another name")
        write_image(Path(path), self.pixels, quality)


def head_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of ImageResult in a record."""
    return {name: record[name] for name in HEAD} | {"notes": tuple(record.get("notes", ()))}
