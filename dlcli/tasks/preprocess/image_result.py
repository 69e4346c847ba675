"""What `dlcli.preprocess` gives."""

from typing import Any, Self, cast

from dlcli.frozen import dataclass
from dlcli.records import DecodedImage
from dlcli.tasks.contract import Result
from dlcli.tasks.image_result import PixelResult, head_of
from dlcli.tasks.preprocess.result import Preprocessed


@dataclass(frozen=True)
class PlacedAt:
    """Where the image lies in the pixels: a point (x, y) of it is at (x * sx + dx, y * sy + dy)."""

    sx: float
    sy: float
    dx: float
    dy: float


@dataclass(frozen=True, kw_only=True)
class PreprocessResult(PixelResult):
    """pixels: [h, w, 3] after the steps; uint16 where the file has 16 bits and every step keeps them.

    size: (width, height) of the pixels. placement: where the upright image lies in them. bits: 8 or 16.
    pages_left_out: of the file, after the first page or frame.
    """

    size: tuple[int, int]
    placement: PlacedAt
    bits: int
    pages_left_out: int = 0

    @classmethod
    def of(cls, record: dict[str, Any], result: Result, image: DecodedImage) -> Self:
        pixels = cast(Preprocessed, result).pixels
        assert pixels is not None
        return cls(
            record=record,
            **head_of(record),
            pixels=pixels,
            size=tuple(record["size"]),
            placement=PlacedAt(**record["placement"]),
            bits=8 * pixels.itemsize,
            pages_left_out=record.get("pages_left_out", 0),
        )
