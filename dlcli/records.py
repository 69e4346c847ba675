"""What all tasks share: where an image came from, the image, and what was found in it."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from dlcli.frozen import dataclass

if TYPE_CHECKING:
    import numpy as np


SourceKey = tuple[str, str | None, int | None, int | None]
RecordPart = Callable[[], Mapping[str, Any]]  # what a task adds to the JSON Schema of records, as Task.schema

# Of every task there is, by its name; dlcli.tasks.registry fills it as it finds them. A record is of one of them.
RECORD_PARTS: dict[str, RecordPart] = {}
# The kind of labels that these records are of, see data/kind_names.py, for the tasks that have one. Labeled sets become
# records of the first task of their kind.
RECORD_KINDS: dict[str, str] = {}


def record_key(record: Mapping[str, Any]) -> SourceKey:
    """`Source.key` of the source that a record is about."""
    crop = record["crop"]["index"] if "crop" in record else None
    return record["source"], record.get("source_bytes"), crop, record.get("frame")


def shown_name(record: Mapping[str, Any]) -> str:
    """`Source.shown` of the source that a record is about."""
    if "frame" in record:
        return f"{record['source']} frame {record['frame']}"
    return f"{record['source']}#{record['crop']['index']}" if "crop" in record else str(record["source"])


@dataclass(frozen=True)
class Crop:
    """A part of an image that an earlier command found.

    index: of the find in that command's record, from 0. box: (x1, y1, x2, y2) in pixels of the upright image.
    score: None where that command gives none.
    """

    index: int
    label: str
    box: tuple[float, float, float, float]
    score: float | None = None

    def fields(self) -> dict[str, Any]:
        """As in records."""
        score = {} if self.score is None else {"score": self.score}
        return {"index": self.index, "label": self.label, **score, "box": list(self.box)}


@dataclass(eq=False)
class Frame:
    """One image of a video. index: from 0. time_s: seconds from its start. pixels: uint8 [H, W, 3], RGB.

    give_back: called once the pixels are let go.
    """

    index: int
    time_s: float
    pixels: "np.ndarray | None" = field(repr=False)
    give_back: Callable[[], None] = field(default=lambda: None, repr=False)

    def close(self) -> None:
        """Let the pixels go, which others may be waiting for."""
        if self.pixels is not None:
            self.pixels = None
            self.give_back()

    def fields(self) -> dict[str, Any]:
        """As in records."""
        return {"frame": self.index, "time_s": round(self.time_s, 3)}


@dataclass(frozen=True)
class Source:
    """One input.

    name: as the user gave it, or the walked folder as given + "/" + the path below it.
    path: the file to open; None where the bytes came through standard input.
    place: where its outputs belong below --out, a relative path that never holds "..".
    data: the bytes, where they did not come from a file.
    crop: the part of the image that is meant; None: all of it.
    frame: the image of a video that is meant; path is the video then.
    failure: why there is nothing to read, known from an earlier command.
    index: its number in the list of all images, where this run does a shard of them.
    stored: gives the bytes, where they lie in an archive. size: how many, where its listing tells.
    """

    name: str
    path: Path | None
    place: PurePosixPath
    data: bytes | None = field(default=None, repr=False)
    crop: Crop | None = None
    frame: Frame | None = None
    failure: "Failure | None" = None
    index: int | None = None
    stored: Callable[[], bytes] | None = field(default=None, repr=False, compare=False)
    size: int | None = field(default=None, repr=False, compare=False)

    @property
    def content(self) -> bytes:
        """The bytes of what has no path, read each time from where they are stored. ImageError: they cannot be read."""
        return self.data or b"" if self.stored is None else self.stored()

    @classmethod
    def of_file(cls, path: Path) -> "Source":
        """A file that is not part of a run, such as an image of a data set."""
        return cls(str(path), path, PurePosixPath(path.name))

    @property
    def text(self) -> str:
        """The name as valid Unicode: bytes that are not UTF-8 become U+FFFD."""
        return self.name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")

    @property
    def shown(self) -> str:
        """The name for people; a part of an image has the number of the find too, a frame of a video its own."""
        if self.frame is not None:
            return f"{self.text} frame {self.frame.index}"
        return self.text if self.crop is None else f"{self.text}#{self.crop.index}"

    @property
    def key(self) -> "SourceKey":
        """Equal for the same input of two runs, see `record_key`."""
        crop = None if self.crop is None else self.crop.index
        return self.text, self.lost_bytes, crop, None if self.frame is None else self.frame.index

    @property
    def lost_bytes(self) -> str | None:
        """The name's bytes in base64 where `text` could not hold them, else None."""
        raw = self.name.encode("utf-8", "surrogateescape")
        return None if raw.decode("utf-8", "replace").encode() == raw else base64.b64encode(raw).decode()


@dataclass(frozen=True)
class DecodedImage:
    """A decoded image, already turned upright.

    pixels: uint8 [H, W, 3], RGB; uint16 where the reader was asked to keep 16 bits and the file has them.
    exif_orientation: what was found in the file, in EXIF or else XMP, 1 to 8 (1: as stored). source: where it was read
    from.
    notes: clauses on what of the file the pixels do not show, or show by a rule that the file does not state.
    read_alike: reads another source, such as the next page, by the rules that this one was read by.
    reduced: 2, 4 or 8 where the pixels are the image at that fraction of its size; full: (width, height) of it then.
    """

    pixels: "np.ndarray"
    exif_orientation: int = 1
    source: Source | None = None
    notes: tuple[str, ...] = ()
    read_alike: "Callable[[Source], DecodedImage] | None" = field(default=None, repr=False, compare=False)
    reduced: int = 1
    full: tuple[int, int] | None = None

    @property
    def width(self) -> int:
        """Of the image, also where the pixels are reduced."""
        return int(self.pixels.shape[1]) if self.full is None else self.full[0]

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0]) if self.full is None else self.full[1]


@dataclass(frozen=True)
class Failure:
    """Why a source gave no result. kind is for programs, message for people."""

    kind: str
    message: str


@dataclass(frozen=True)
class Boxes:
    """N boxes with a score and a class each.

    xyxy: float32 [N, 4] (x1, y1, x2, y2) in pixels of the upright image, x2/y2 exclusive.
    scores: float32 [N] in [0, 1]. class_ids: int64 [N].
    """

    xyxy: "np.ndarray"
    scores: "np.ndarray"
    class_ids: "np.ndarray"

    def __post_init__(self) -> None:
        count = len(self.xyxy)
        _check("xyxy", self.xyxy, (count, 4), "float32")
        _check("scores", self.scores, (count,), "float32")
        _check("class_ids", self.class_ids, (count,), "int64")

    def __len__(self) -> int:
        return len(self.xyxy)

    def __getitem__(self, index: Any) -> "Boxes":
        """A subset by boolean mask, slice or index array."""
        return Boxes(self.xyxy[index], self.scores[index], self.class_ids[index])


@dataclass(frozen=True)
class IndexMask:
    """The class of every pixel of the upright image.

    values: uint8 [H, W], indices into the model's labels; 255 where a pixel has none.
    """

    values: "np.ndarray"

    def __post_init__(self) -> None:
        _check("values", self.values, self.values.shape[:2], "uint8")

    @property
    def width(self) -> int:
        return int(self.values.shape[1])

    @property
    def height(self) -> int:
        return int(self.values.shape[0])


def _check(name: str, array: "np.ndarray", shape: tuple[int, ...], dtype: str) -> None:
    if array.shape != shape or array.dtype != dtype:
        raise ValueError(f"{name}: expected {dtype} {list(shape)}, got {array.dtype} {list(array.shape)}")
